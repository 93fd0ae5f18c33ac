# The contract of --json as one word, true or false. Every field is there and of its type; what a
# consumer does not know it passes over.
def text: type == "string";
def maybe(f): . == null or f;
def number: type == "number";
def flag: type == "boolean";
def digests: type == "object" and all(.[]; test("^[0-9a-f]{64,128}$"));
def rule: test("^[A-Z]{2,3}-[0-9]{3}$");
def word($list): . as $w | $list | split(" ") | index($w) != null;

def policy: (.rule | text) and (.authority | text) and (.clause | text)
    and (.effective_from | maybe(test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))
    and (has("ends")) and (has("exception"));
def component($device):
    (.name | test("^[A-Za-z0-9,._+/-]{1,63}$")) and (.class | maybe(text)) and has("location")
    and has("format") and has("version") and (.size | maybe(number))
    and (.digests | digests) and (.expected | maybe(digests))
    and (.signer | maybe(text)) and (.key | maybe(test("^([0-9a-f]{2}:){3}[0-9a-f]{2}$")))
    and has("vendor") and has("part_number") and has("serial_number")
    and (.evidence_class | number and . >= 0 and . <= 5)
    and (.integrity | word("not-evaluated verified claimed unverified unreadable absent unexpected tampered"))
    and (.supplier | word("not-evaluated approved no-match unattributed transitional consult excluded"))
    and (.verdict | word("excluded tampered unverified unreadable absent unexpected consult transitional unattributed identified approved"))
    and (.rule | maybe(rule)) and (.policy | maybe(policy))
    and (if $device then (.advisory | text) and (.bank | word("active backup recovery"))
        else (has("advisory") or has("bank")) | not end)
    and (.detail | text) and has("next");
def finding: (.rule | maybe(rule)) and (.detail | text) and has("next");
def device: (.ueid | test("^[0-9a-f]+$")) and (.model | text) and has("serial_number")
    and (.enrolled | flag) and (.key_protection | text)
    and (.secure_boot | maybe(flag));
def bank: (.bank | word("active backup recovery")) and (.boots | flag)
    and (.outcome | word("ACCEPT HOLD REJECT ERROR"));
def gate: device and (.assurance == "gate") and (.boot_count | number) and (.store_serial | number)
    and all(.components[]; component(true));
def context: has("tier") and has("event") and has("acquired") and (.source | text);
def subject:
    (has("target") != has("file"))
    and (.outcome | word("ACCEPT HOLD REJECT ERROR"))
    and (.assurance | maybe(word("gate visit service read self-reported vendor-attested")))
    and (.context | context)
    and (if has("target") then .device | maybe(device) else has("device") | not end)
    and (if has("target") then .gate | maybe(gate) else has("gate") | not end)
    and (if has("target") then all(.banks[]; bank) else has("banks") | not end)
    and (has("target") as $d | all(.components[]; component($d)))
    and all(.findings[]; finding)
    and all(.notes[]; text);

(.schema == "sekisho/report-1")
and (.outcome | word("ACCEPT HOLD REJECT ERROR"))
and (.exit | number)
and (.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))
and (.store | maybe((.serial | number) and (.authority | text) and (.demo | flag)))
and (.subjects | type == "array" and all(.[]; subject))
