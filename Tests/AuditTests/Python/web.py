"""web.py PORT ROOT.pem CHECK: one client of the public read side, on nothing but Python's own http.client and ssl."""
import http.client
import socket
import ssl
import sys

port, root, check = int(sys.argv[1]), sys.argv[2], sys.argv[3]
tls = ssl.create_default_context(cafile=root)
tls.check_hostname = False


def connect():
    return http.client.HTTPSConnection("127.0.0.1", port, context=tls, timeout=20)


def ask(connection, method, path, body=None, headers={}):
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read()


def expect(condition, what):
    if not condition:
        sys.exit(f"{check}: {what}")


def resources():
    connection = connect()
    note, text = ask(connection, "GET", "/checkpoint")
    expect(note.status == 200 and text.startswith(b"ndx.local/audit\n300\n"), (note.status, text))
    expect(note.getheader("content-type") == "text/plain; charset=utf-8", "content type")
    expect(note.getheader("cache-control") == "no-cache", "a checkpoint must not be kept")
    for path, count in (("/tile/0/000", 8192), ("/tile/0/001.p/44", 44 * 32), ("/tile/0/001.p/1", 32),
                        ("/tile/1/000.p/1", 32), ("/tile/entries/000", None), ("/tile/entries/001.p/44", None),
                        ("/tile/0/000.p/7", 7 * 32)):
        tile, data = ask(connection, "GET", path)
        expect(tile.status == 200 and (count is None or len(data) == count), (path, tile.status, len(data)))
        expect("immutable" in tile.getheader("cache-control"), f"{path} never changes")
        head, nothing = ask(connection, "HEAD", path)
        expect(head.status == 200 and nothing == b"", f"HEAD {path}")
        expect(dict(head.getheaders()) == dict(tile.getheaders()), f"HEAD {path} has the fields of GET")
    expect(connection.sock is not None, "one connection serves all")


def refusals():
    for path in ("/", "/checkpoint/", "/checkpoint?x=1", "/tile/0/002", "/tile/0/001", "/tile/0/001.p/45", "/tile/0/000.p/0",
                 "/tile/0/000.p/256", "/tile/8/000", "/tile/63/000", "/tile/64/000", "/tile/0/0", "/tile/0/x000/000", "/tile/-1/000",
                 "/tile/entries/002", "/tile/entries/001.p/45", "/tile/0/x999/x999/x999/x999/x999/x999/999",
                 "/tile/entries/x009/x223/x372/x036/x854/x775/807", "/../audit.sqlite", "/tile/0/%30%30%30"):
        answer, _ = ask(connect(), "GET", path)
        expect(answer.status == 404, (path, answer.status))
        expect(answer.getheader("cache-control") == "no-store", f"{path} may be there later")
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer, _ = ask(connect(), method, "/checkpoint")
        expect(answer.status == 405 and answer.getheader("allow") == "GET, HEAD", (method, answer.status))
    answer, _ = ask(connect(), "GET", "/checkpoint", body=b"something")
    expect(answer.status == 413, ("body", answer.status))
    answer, _ = ask(connect(), "GET", "/checkpoint", headers={"x-long": "y" * 9000})
    expect(answer.status == 431, ("long field", answer.status))


def flood():
    """A head that never ends is cut off; what is not HTTP is refused; plain text gets nothing."""
    raw = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), 20))
    raw.sendall(b"GET /checkpoint HTTP/1.1\r\n")
    sent = 0
    try:
        while sent < 1 << 20:
            sent += raw.send(b"x-field: " + b"y" * 1000 + b"\r\n")
        raw.recv(1)
    except OSError:
        pass
    else:
        expect(False, "a head without end was read")
    raw = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), 20))
    raw.sendall(b"\x00\x01nonsense\r\n\r\n")
    answer = raw.recv(1000)
    expect(answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer)
    plain = socket.create_connection(("127.0.0.1", port), 20)
    plain.sendall(b"GET /checkpoint HTTP/1.1\r\n\r\n")
    expect(b"HTTP" not in plain.recv(1000), "plain text was answered")
    pair = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), 20))
    pair.sendall(b"GET /tile/0/000 HTTP/1.1\r\nhost: a\r\n\r\nGET /checkpoint HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    data = b""
    while more := pair.recv(65536):
        data += more
    expect(data.count(b"HTTP/1.1 200") == 2 and data.index(b"octet-stream") < data.index(b"ndx.local"), "pipelining")


def limited():
    statuses = []
    for _ in range(20):
        answer, _ = ask(connect(), "GET", "/checkpoint")
        statuses.append(answer.status)
        if answer.status == 429:
            expect(answer.getheader("retry-after") == "1", "says when to come back")
            break
    expect(statuses[:4] == [200] * 4 and 429 in statuses, statuses)


def idle():
    raw = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), 20))
    raw.sendall(b"GET /checkpoint HTTP/1.1\r\n")
    expect(raw.recv(10) == b"", "an idle connection is closed")


def slow():
    connection = connect()
    answer, text = ask(connection, "GET", "/slow")
    expect(answer.status == 200 and text == b"late", (answer.status, text))


globals()[check]()
print("ok")
