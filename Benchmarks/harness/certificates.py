import subprocess
from pathlib import Path

from .paths import WORK

SERVER_ID = "spiffe://benchmark.ndx.vn/service/echo"
CLIENT_ID = "spiffe://benchmark.ndx.vn/service/caller"


def certificates() -> Path:
    """A folder with a fresh P-256 root, and a server's and a client's certificate from it."""
    folder = WORK / "certificates"
    folder.mkdir(parents=True, exist_ok=True)
    _openssl(folder, "req", "-x509", *_key("root"), "-subj", "/CN=benchmark root", "-days", "2",
             "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
             "-out", "root.pem")
    _leaf(folder, "server", SERVER_ID, "serverAuth")
    _leaf(folder, "client", CLIENT_ID, "clientAuth")
    return folder


def _leaf(folder: Path, name: str, identity: str, usage: str) -> None:
    _openssl(folder, "req", *_key(name), "-subj", f"/CN={name}", "-out", f"{name}.csr")
    (folder / "extensions").write_text(
        f"subjectAltName=critical,URI:{identity},DNS:localhost,IP:127.0.0.1\n"
        f"basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\n")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key",
             "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", f"{name}.pem")


def _key(name: str) -> list[str]:
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
