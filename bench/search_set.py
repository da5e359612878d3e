"""Passages and questions of an invented company, to measure retrieval by. Questions use a person's words, not always
the passage's own."""

from __future__ import annotations

from typing import Final

PASSAGES: Final[dict[str, str]] = {
    "refund": "Annual plans can be refunded in full within 30 days of purchase. After that the rest of the year is "
    "credited, not paid out. Monthly plans are not refunded; they end with the paid month.",
    "cancel": "A subscription is cancelled under Account, Billing, End subscription. The account stays readable until "
    "the paid period is over and is then frozen for ninety days before its data is erased.",
    "invoice": "Invoices are sent as PDF on the first working day of each month to the billing address. A copy with a "
    "purchase order number can be requested from the accounts team at any time.",
    "vat": "Companies in the European Union enter their VAT number in the billing form. It is checked at once, and the "
    "reverse charge applies: no tax is shown on the bill.",
    "seats": "Each paid seat may be moved to another colleague once a week. Guests who only read do not need a seat. "
    "Adding seats in the middle of a term is charged for the days that remain.",
    "sso": "Single sign-on works with SAML 2.0 and OpenID Connect. An administrator uploads the metadata of the "
    "identity provider; people who existed before are matched by their mail address.",
    "mfa": "Two-step verification accepts authenticator apps and security keys. Text messages are not offered since "
    "numbers can be hijacked. Ten recovery codes are shown once when it is turned on.",
    "password": "A forgotten password is reset by a link that is valid for twenty minutes. The link is sent only to "
    "the confirmed address and can be used once. Old sessions are signed out.",
    "backup": "The database is copied to a second region every six hours and kept for 35 days. A restore is rehearsed "
    "each quarter; the last rehearsal took 48 minutes.",
    "outage": "When the service is down, the status page is updated within ten minutes. Customers with the Gold "
    "agreement are also telephoned. Credits of five per cent are given for each full hour.",
    "limits": "The interface allows 600 requests a minute for each key. Above that it answers 429 with a Retry-After "
    "header. Bulk import has a quota of its own of two million rows a day.",
    "webhook": "Webhooks are signed with HMAC-SHA256 over the raw body. A delivery that is not answered with 2xx "
    "within eight seconds is tried again up to twelve times over two days.",
    "export": "All records can be exported as CSV or JSON Lines. Large exports run in the background, and a download "
    "link valid for one week is mailed when the archive is ready.",
    "import": "Spreadsheets are imported by matching their columns to fields. Rows that cannot be read are collected "
    "in an error sheet with the reason beside each, and the good rows go in.",
    "gdpr": "A person's data is erased within thirty days of a request. The request is confirmed by mail, logged, and "
    "passed on to every subprocessor, whose list is published in the trust centre.",
    "shipping": "Devices are shipped from Rotterdam. Norway and Switzerland take five working days because of customs; "
    "duties are prepaid. Parcels are insured up to two thousand euros.",
    "warranty": "The reader has a warranty of three years. Broken glass and water damage are not covered. A "
    "replacement is sent before the faulty unit comes back if a credit card is left as deposit.",
    "battery": "The reader's battery lasts about eleven hours at full brightness. It is replaced by loosening four "
    "Torx screws; spare cells are sold for six years after the last device was made.",
    "pairing": "To pair the reader, hold the side button until the ring blinks blue, then choose it in the Bluetooth "
    "list of the phone. It remembers four phones and prefers the last one used.",
    "firmware": "Firmware is updated over the air at night while charging. If the update fails the device boots the "
    "former version. Beta builds are offered to people who join the early ring.",
    "calibration": "The scale must be calibrated after transport and once a year. Put the 500 gram weight on the "
    "middle of the plate and press tare for six seconds until CAL is shown.",
    "hours": "Support answers from Monday to Friday, eight to eighteen o'clock Central European Time. Urgent cases of "
    "Gold customers are taken round the clock by the person on call.",
    "holiday": "Employees have thirty days of leave. Up to five unused days move into the next year and lapse at the "
    "end of March. Leave over two weeks is agreed with the team six weeks before.",
    "expenses": "Travel costs are refunded with the next salary when receipts are handed in before the 20th. Trains "
    "are preferred under six hours; hotel rooms above 160 euros a night need approval.",
    "remote": "Working from another country is possible for up to forty days a year. The people team checks tax and "
    "insurance beforehand; outside the union a longer notice is needed.",
    "parental": "Parents of either sex take up to fourteen months between them. The company tops the state allowance "
    "up to full pay for the first ten weeks.",
    "hiring": "A candidate talks to three people: the hiring manager, a future colleague and someone of another team. "
    "Feedback is written down the same day, before anyone compares notes.",
    "review": "Every change is read by one colleague before it is merged. Changes to money or sign-in need two. A "
    "review older than a working day is mentioned at stand-up.",
    "deploy": "The main branch is released twice a day by the pipeline. One in twenty servers gets the new build "
    "first; error rates are watched for fifteen minutes before the rest follows.",
    "incident": "Whoever sees an incident first leads it until someone takes over. A timeline is kept in the channel, "
    "and the report without blame is published within five working days.",
    "退款": "年度计划可以在购买后三十天内全额退款。月度计划不能退款,会在付费月份结束时终止。",
    "配送": "设备从鹿特丹发货。由于海关原因,配送到挪威和瑞士需要五个工作日,关税已预付。",
}

QUESTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("What is the refund policy for annual plans?", "refund"),
    ("can I get my money back for a monthly plan", "refund"),
    ("How do I end my subscription and what happens to the data?", "cancel"),
    ("When are invoices sent?", "invoice"),
    ("I need a purchase order number on my bill", "invoice"),
    ("Where do I enter our VAT number?", "vat"),
    ("Can a seat be moved to a colleague?", "seats"),
    ("do guests who read need to be paid for", "seats"),
    ("Which single sign-on protocols are supported?", "sso"),
    ("SAML metadata upload", "sso"),
    ("Why are there no text messages for two-step verification?", "mfa"),
    ("lost my recovery codes for the authenticator", "mfa"),
    ("How long is a password reset link valid?", "password"),
    ("How often are backups made and how long are they kept?", "backup"),
    ("When did you last rehearse restoring the database?", "backup"),
    ("Who is called when the service is down?", "outage"),
    ("How many requests per minute are allowed?", "limits"),
    ("I get error 429, what is Retry-After?", "limits"),
    ("How are webhooks signed?", "webhook"),
    ("how often is a failed webhook delivery retried", "webhook"),
    ("Can I export everything as JSON?", "export"),
    ("What happens to spreadsheet rows that cannot be read?", "import"),
    ("How quickly is personal data erased on request?", "gdpr"),
    ("Where is the list of subprocessors?", "gdpr"),
    ("How long does delivery to Norway take?", "shipping"),
    ("Is water damage covered by the warranty?", "warranty"),
    ("How do I replace the battery?", "battery"),
    ("the ring blinks blue while pairing my phone", "pairing"),
    ("What if a firmware update fails?", "firmware"),
    ("How is the scale calibrated?", "calibration"),
    ("When can I reach support?", "hours"),
    ("How many days of leave do employees have?", "holiday"),
    ("what is the limit for a hotel night", "expenses"),
    ("May I work from abroad?", "remote"),
    ("How long is parental leave?", "parental"),
    ("Who interviews a candidate?", "hiring"),
    ("How many people must review a change to sign-in?", "review"),
    ("How are releases rolled out to the servers?", "deploy"),
    ("Who leads an incident?", "incident"),
    ("年度计划的退款政策是什么?", "退款"),
    ("配送到挪威要多久?", "配送"),
)
