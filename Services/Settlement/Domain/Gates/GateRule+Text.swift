package import Model

extension GateRule {
  /// What people read when this rule refuses.
  package var text: Text {
    switch self {
    case .consumerNotActive:
      Text(vi: "Bên mua không ở trạng thái hoạt động.", en: "The consumer is not active.")
    case .providerNotActive:
      Text(vi: "Bên cung cấp không ở trạng thái hoạt động.", en: "The provider is not active.")
    case .beneficiaryNotActive:
      Text(
        vi: "Một bên được chia tiền không ở trạng thái hoạt động.",
        en: "A participant that the price is shared with is not active.")
    case .ownOffer:
      Text(vi: "Không thể đặt mua chào bán của chính mình.", en: "This is your own offer.")
    case .environmentMismatch:
      Text(
        vi: "Các bên, sản phẩm và chào bán không cùng một môi trường.",
        en: "The parties, the product and the offer are not of one environment.")
    case .offerClosed: Text(vi: "Chào bán đã đóng.", en: "The offer is closed.")
    case .offerNotYetValid:
      Text(vi: "Chào bán chưa có hiệu lực.", en: "The offer is not valid yet.")
    case .offerNoLongerValid:
      Text(vi: "Chào bán đã hết hiệu lực.", en: "The offer is no longer valid.")
    case .offerChanged:
      Text(
        vi: "Chào bán đã thay đổi; hãy xem lại điều khoản mới.",
        en: "The offer has changed; look at its new terms.")
    case .notInAudience:
      Text(vi: "Chào bán không dành cho bên mua này.", en: "The offer is not for this consumer.")
    case .offerNotPayable:
      Text(
        vi: "Giá hoặc tỷ lệ phân chia của chào bán không thực hiện được.",
        en: "The price or the split of the offer cannot be carried out.")
    case .productNotListed:
      Text(vi: "Sản phẩm không được niêm yết.", en: "The product is not listed.")
    case .productWithoutRevision:
      Text(vi: "Sản phẩm chưa có phiên bản nào.", en: "The product has no revision.")
    case .coreData:
      Text(vi: "Dữ liệu cốt lõi không được giao dịch.", en: "Core data may never be traded.")
    case .impactDossierRequired:
      Text(
        vi: "Chuyển dữ liệu quan trọng qua biên giới cần hồ sơ đánh giá tác động.",
        en: "Important data need an impact dossier before they cross a border.")
    case .territoryNotAllowed:
      Text(
        vi: "Chính sách không cho phép dùng dữ liệu tại quốc gia của bên mua.",
        en: "The policy does not allow use in the consumer's country.")
    case .consentRequired:
      Text(
        vi: "Dữ liệu cá nhân cần có sự đồng ý làm căn cứ.",
        en: "Personal data need a consent as their basis.")
    case .purposeNotAllowed:
      Text(
        vi: "Chính sách không cho phép mục đích này.", en: "The policy does not allow this purpose."
      )
    case .consentNotFound:
      Text(
        vi: "Không có sự đồng ý được nêu tên.", en: "There is no such consent as is named.")
    case .consentNotGiven:
      Text(vi: "Chủ thể dữ liệu chưa đồng ý.", en: "The person has not consented.")
    case .consentWithdrawn:
      Text(vi: "Chủ thể dữ liệu đã rút sự đồng ý.", en: "The person has withdrawn the consent.")
    case .consentExpired: Text(vi: "Sự đồng ý đã hết hạn.", en: "The consent has expired.")
    case .consentPaused:
      Text(vi: "Chủ thể dữ liệu đã tạm dừng sự đồng ý.", en: "The person has paused the consent.")
    case .consentNotYetValid:
      Text(vi: "Sự đồng ý chưa có hiệu lực.", en: "The consent is not valid yet.")
    case .consentSignatureInvalid:
      Text(
        vi: "Chữ ký dưới sự đồng ý không đúng.", en: "The signature under the consent is wrong.")
    case .consentPartiesMismatch:
      Text(
        vi: "Sự đồng ý dành cho các bên khác.", en: "The consent is for other parties.")
    case .consentEnvironmentMismatch:
      Text(
        vi: "Sự đồng ý thuộc môi trường khác.", en: "The consent is of another environment.")
    case .consentPurposeMismatch:
      Text(vi: "Sự đồng ý dành cho mục đích khác.", en: "The consent is for another purpose.")
    case .consentCategoryMismatch:
      Text(
        vi: "Sự đồng ý không bao gồm loại dữ liệu này.",
        en: "The consent does not cover data of this kind.")
    case .consentRetentionExceeded:
      Text(
        vi: "Chính sách cho phép lưu giữ lâu hơn sự đồng ý.",
        en: "The policy lets copies be kept for longer than the consent does.")
    case .consentUsed:
      Text(
        vi: "Sự đồng ý đã được dùng hết cho đơn hàng khác.",
        en: "Other orders have used the consent up.")
    case .personalDataNotForSale:
      Text(
        vi: "Dữ liệu cá nhân không được mua bán, trừ khi có căn cứ pháp luật được nêu rõ.",
        en: "Personal data are not bought or sold unless a named law allows it.")
    }
  }
}
