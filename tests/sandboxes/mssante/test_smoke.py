from tests.sandboxes.mssante.conftest import received
from tests.sandboxes.mssante import mails


def test_mail_goes_through(sandbox, smtp, imap, admin):
    client = smtp()
    raw = mails.Draft().raw()
    print(admin.call("POST", f"/lint?from={mails.HOSPITAL}&to={mails.MIDWIFE}", raw))
    client.sendmail(
        mails.HOSPITAL,
        [mails.MIDWIFE],
        raw,
        mail_options=["RET=HDRS", "ENVID=abc"],
        rcpt_options=["NOTIFY=SUCCESS,FAILURE"],
    )
    print(admin.call("POST", "/tick", {"all": True}))
    box = imap()
    got = received(box)
    assert [m["Subject"] for m in got] == ["Successful Mail Delivery Report"]
    print(got[0].as_string())
    box = imap(mails.MIDWIFE)
    got = received(box)
    print(got[0]["Subject"])
