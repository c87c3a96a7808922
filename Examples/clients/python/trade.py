#!/usr/bin/env python3
"""Buys the first product that a search finds: order, escrow, fetch, receipt, acceptance.

    trade.py PROFILE "don vi hanh chinh" PURPOSE FOLDER

PROFILE is a consumer's folder made by `ndx enrol`; its account must hold the price. Prints the order as JSON.
"""
import hashlib
import pathlib
import sys

from google.protobuf.json_format import MessageToJson
from ndx_client import Exchange, Profile, Server, request_id, wait_for

ORDERS = "ndx.settlement.v1.OrderService/"
DELIVERY = "ndx.delivery.v1.DeliveryService/"


def manifest_digest(files):
    """SHA-256 of the manifest of a revision, as the provider published it."""
    lines = ["ndx-manifest-v1\n"]
    lines += [f"{f.sha256.hex()} {f.size_bytes} {f.path}\n" for f in sorted(files, key=lambda f: f.path.encode())]
    return hashlib.sha256("".join(lines).encode()).digest()


def buy(exchange, query, purpose):
    """Places an order on the best hit and pays it into escrow."""
    hits = exchange.catalog.call("ndx.catalog.v1.SearchService/Search", query=query).hits
    offer = hits[0].offers[0]
    order = exchange.settlement.call(
        ORDERS + "PlaceOrder", request_id=request_id(), offer_id=offer.id, offer_etag=offer.etag,
        purpose=purpose).order
    account = exchange.settlement.call("ndx.settlement.v1.LedgerService/ListAccounts").accounts[0]
    return exchange.settlement.call(
        ORDERS + "FundOrder", request_id=request_id(), order_id=order.id, account_id=account.id).order


def fetch(profile, grant, order, folder):
    """Fetches every file of the revision, checks each digest and the manifest's; returns the connector."""
    connector = Server(profile, grant.connector_address)
    revision = connector.call(DELIVERY + "GetManifest", grant=grant.grant).revision
    for file in revision.files:
        digest = hashlib.sha256()
        target = pathlib.Path(folder) / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as output:
            for chunk in connector.call(DELIVERY + "Fetch", grant=grant.grant, path=file.path, timeout=600):
                output.write(chunk.data)
                digest.update(chunk.data)
        assert digest.digest() == file.sha256, f"{file.path} is not what was published"
    assert manifest_digest(revision.files) == order.manifest_sha256, "this is another revision"
    return connector


def sign_receipt(profile, connector, grant, order):
    """Trades our signature on the delivery for the provider's; the connector confirms it to settlement."""
    statement = connector.message(
        "ndx.delivery.v1.DeliveryStatement", receipt_id=request_id(), order_id=order.id,
        agreement_id=order.agreement.id, revision_id=order.revision_id, provider_id=order.provider_id,
        consumer_id=order.consumer_id, size_bytes=order.size_bytes, manifest_sha256=order.manifest_sha256)
    statement.complete_time.GetCurrentTime()
    signed = statement.SerializeToString(deterministic=True)
    signature = connector.message(
        "ndx.delivery.v1.Signature", certificate_chain=profile.chain_der(),
        signature=profile.sign(b"ndx-delivery-receipt-v1\n" + signed))
    return connector.call(
        DELIVERY + "SignReceipt", request_id=request_id(), grant=grant.grant, statement=signed,
        consumer=signature).receipt


def main(folder, query, purpose, target):
    profile = Profile(folder)
    exchange = Exchange(profile)
    order = buy(exchange, query, purpose)
    grant = exchange.settlement.call(ORDERS + "IssueGrant", request_id=request_id(), order_id=order.id)
    connector = fetch(profile, grant, grant.order, target)
    sign_receipt(profile, connector, grant, grant.order)

    def delivered():
        current = exchange.settlement.call(ORDERS + "GetOrder", order_id=order.id).order
        states = type(current).DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number
        return current if states[current.state].name == "ORDER_STATE_DELIVERED" else None

    wait_for(delivered)
    order = exchange.settlement.call(
        ORDERS + "AcceptDelivery", request_id=request_id(), order_id=order.id).order
    print(MessageToJson(order))


if __name__ == "__main__":
    main(*sys.argv[1:])
