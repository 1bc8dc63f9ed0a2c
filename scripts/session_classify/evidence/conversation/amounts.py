"""Amounts of money without a sign: a number beside a currency's code or name is no id."""

from session_classify.lazy import lazy_pattern

_CODES = """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN
BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV
WST XAF XCD XOF XPF YER ZAR ZMW ZWG RMB""".split()
"""The codes of ISO 4217: references/sources/rules.md#outcomes."""
_NAMES = "cents? dollars? euros? pence pounds? rupees? yen yuan won francs? pesos?".split()
_UNIT = "|".join((*_CODES, *_NAMES))
_AMOUNT = lazy_pattern(
    rf"(?<![\w.,#-])(?:{'|'.join(_CODES)})[ \u00a0]?\d[\d.,]*+(?![\w-])"
    rf"|(?<![\w.,#-])\d[\d.,]*+[ \u00a0]?(?:{_UNIT})(?![\w-])"
)


def without_amounts(text: str) -> str:
    """Return a text with a blank in place of each amount: `18.50 GBP`, `EUR 1250`, `125000JPY`.

    An assistant may well compute an amount, so none is looked for in what the session showed.
    """
    return _AMOUNT.sub(" ", text) if any(letter.isdigit() for letter in text) else text
