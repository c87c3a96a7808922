#!/usr/bin/env python3
"""Shows, against a running exchange, what a program of a participant needs of gRPC.

    tour.py PROFILE "don vi hanh chinh"

PROFILE is a folder made by `ndx enrol` of a consumer that has bought something before; the words find a product to
order. How to buy is in trade.py.
"""
import hashlib
import sys

import grpc
from ndx_client import Exchange, Profile, Refusal, Server, request_id

ORDERS = "ndx.settlement.v1.OrderService/"
DELIVERY = "ndx.delivery.v1.DeliveryService/"
SEARCH = "ndx.catalog.v1.SearchService"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def refusal(call, *arguments, **options):
    """The refusal of a call that must not succeed."""
    try:
        list(call(*arguments, **options))
    except grpc.RpcError as error:
        return Refusal(error)
    raise AssertionError("the call succeeded")


def check_health(exchange):
    """Asks once, and then follows changes."""
    def name(answer):
        return type(answer).DESCRIPTOR.fields_by_name["status"].enum_type.values_by_number[answer.status].name

    answer = exchange.catalog.call("grpc.health.v1.Health/Check", service=SEARCH)
    watch = exchange.catalog.call("grpc.health.v1.Health/Watch", service=SEARCH)
    print(f"health: {name(answer)}, watched {name(next(watch))}")
    watch.cancel()


def list_services(exchange):
    """Asks the server what it offers, as grpcurl and other tools do."""
    for service in exchange.catalog.services():
        print("service:", service)


def trade(exchange, words):
    """Finds a product and orders it, twice with one request_id: the second call gives the same order."""
    hit = exchange.catalog.call(SEARCH + "/Search", query=words, traceparent=TRACEPARENT).hits[0]
    print("search:", hit.product.description.title.vi)
    offer = hit.offers[0]
    request = dict(request_id=request_id(), offer_id=offer.id, offer_etag=offer.etag)
    first = exchange.settlement.call(ORDERS + "PlaceOrder", **request, purpose="research")
    again = exchange.settlement.call(ORDERS + "PlaceOrder", **request, purpose="research")
    same, replayed = first.order.id == again.order.id, again.replayed
    print("retry:", f"same order {same}, replayed {replayed}".lower())
    print("reused:", refusal(exchange.settlement.call, ORDERS + "PlaceOrder", **request, purpose="another"))


def read_refusals(exchange):
    """Asks for nothing in two languages."""
    for language in ("vi", "en"):
        refused = refusal(exchange.catalog.call, SEARCH + "/Search", accept_language=language)
        if refused.retry_after is not None:
            raise RuntimeError(refused)  # worth repeating after that time, with the same request_id
        print(f"refused in {language}:", refused)


def fetch(exchange):
    """Streams the files of the last purchase from the provider's own connector, and checks each."""
    bought = exchange.settlement.call(ORDERS + "ListOrders", state="ORDER_STATE_SETTLED").orders
    grant = exchange.settlement.call(ORDERS + "IssueGrant", request_id=request_id(), order_id=bought[0].id)
    connector = Server(exchange.profile, grant.connector_address)
    for file in connector.call(DELIVERY + "GetManifest", grant=grant.grant).revision.files:
        digest = hashlib.sha256()
        for chunk in connector.call(DELIVERY + "Fetch", grant=grant.grant, path=file.path, timeout=600):
            digest.update(chunk.data)
        if digest.digest() != file.sha256:
            raise RuntimeError(f"{file.path} is not what was published")
        print(f"fetched: {file.path}, {file.size_bytes} bytes, as published")


def end_streams(exchange):
    """Follows the feed of revocations, which never ends by itself, until the deadline; then leaves it after a step."""
    feed = exchange.identity.call("ndx.identity.v1.CredentialService/WatchRevocations", timeout=0.3)
    print("deadline:", refusal(lambda: feed).code.name)
    feed = exchange.identity.call("ndx.identity.v1.CredentialService/WatchRevocations")
    next(feed)
    feed.cancel()
    print("cancel:", refusal(lambda: feed).code.name)


def main(folder, words):
    exchange = Exchange(Profile(folder))
    check_health(exchange)
    list_services(exchange)
    trade(exchange, words)
    read_refusals(exchange)
    fetch(exchange)
    end_streams(exchange)


if __name__ == "__main__":
    main(*sys.argv[1:])
