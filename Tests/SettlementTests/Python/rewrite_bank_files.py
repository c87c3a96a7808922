#!/usr/bin/env python3
"""rewrite_bank_files.py FILE...: reads each ISO 20022 file with the classes of pyiso20022 and writes it again from them, beside it as
FILE.again. What a bank's software writes is not laid out as ours."""
import importlib
import sys

from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig

for path in sys.argv[1:]:
    kind = etree.QName(etree.parse(path).getroot()).namespace.rsplit(":", 1)[1]
    name = kind.replace(".", "_")
    module = importlib.import_module(f"pyiso20022.{kind.split('.')[0]}.{name}.{name}")
    document = XmlParser().parse(path, module.Document)
    serializer = XmlSerializer(config=SerializerConfig(indent="\t"))
    with open(f"{path}.again", "w", encoding="utf-8") as file:
        file.write(serializer.render(document))
