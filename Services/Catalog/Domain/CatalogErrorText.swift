package import Model

extension CatalogError {
  package var text: Text {
    switch self {
    case .productNotFound(let id):
      Text(vi: "Không có sản phẩm dữ liệu \(id).", en: "There is no product \(id).")
    case .revisionNotFound(let id):
      Text(vi: "Không có phiên bản \(id).", en: "There is no revision \(id).")
    case .reviewNotFound(let id):
      Text(vi: "Không có lượt thẩm định \(id).", en: "There is no review \(id).")
    case .offerNotFound(let id):
      Text(vi: "Không có chào bán \(id).", en: "There is no offer \(id).")
    case .notPublisher:
      Text(
        vi: "Chỉ bên công bố sản phẩm được làm việc này.",
        en: "Only the publisher of the product may do this.")
    case .ownProduct:
      Text(
        vi: "Bên công bố không được thẩm định sản phẩm của chính mình.",
        en: "A publisher may not review its own product.")
    case .claimedByOther:
      Text(
        vi: "Người thẩm định khác đã nhận và còn trong thời hạn.",
        en: "Another reviewer has claimed this review and is still in time.")
    case .notClaimant:
      Text(
        vi: "Chỉ người đã nhận lượt thẩm định được quyết định.",
        en: "Only the reviewer who claimed this review may decide it.")
    case .productStateForbids(let state, let action):
      Text(
        vi: "Trạng thái \(state.protoName ?? "?") của sản phẩm không cho phép thao tác \(action).",
        en: "The product's state \(state.protoName ?? "?") does not allow \(action).")
    case .reviewStateForbids(let state):
      Text(
        vi: "Trạng thái \(state.protoName ?? "?") của lượt thẩm định không cho phép việc này.",
        en: "The review's state \(state.protoName ?? "?") does not allow this.")
    case .offerStateForbids(let state):
      Text(
        vi: "Trạng thái \(state.protoName ?? "?") của chào bán không cho phép việc này.",
        en: "The offer's state \(state.protoName ?? "?") does not allow this.")
    case .etagMismatch:
      Text(
        vi: "Đối tượng đã thay đổi kể từ phiên bản được nêu; hãy đọc lại.",
        en: "The object has changed since the version named; read it again.")
    case .revisionMissing:
      Text(
        vi: "Sản phẩm chưa có phiên bản nội dung nào.",
        en: "The product has no published revision yet.")
    case .coreDataNotTradable:
      Text(vi: "Dữ liệu cốt lõi không được giao dịch.", en: "Core data may never be traded.")
    case .approvalReferenceRequired:
      Text(
        vi: "Dữ liệu quan trọng cần văn bản chấp thuận được nêu tên.",
        en: "Important data need a named approval.")
    case .consentBasisRequired:
      Text(
        vi: "Dữ liệu cá nhân cần cơ sở đồng ý hoặc cơ sở pháp lý.",
        en: "Personal data need a consent basis.")
    }
  }
}
