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
    }
  }
}
