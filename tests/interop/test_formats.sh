#!/bin/sh
# Images by the real tools of Debian, which read them back, too: what they take we approve; what was
# changed behind their back we do not. Tools that are not installed are said.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

sekisho=$PWD/build/bench/sekisho
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SEKISHO_CONFIG="$work"
keys=$PWD/build/test/keys

tests/unit/format_keys.sh build/test/keys
openssl ecparam -name prime256v1 -genkey -noout -out "$work/authority.pem.key"
mkdir "$work/authority"
mv "$work/authority.pem.key" "$work/authority/authority.pem"
openssl pkey -in "$work/authority/authority.pem" -pubout -out "$work/authority.pem"
cp tests/interop/formats.dts "$work/store.dts"
check "a store with a CA is clean" "$sekisho" store lint --include "$keys" "$work/store.dts"
check "it is built" "$sekisho" store build --include "$keys" -o "$work/store.dtb" "$work/store.dts"
check "it is signed" "$sekisho" store sign -k "$work/authority" -o "$work/store.itb" \
    "$work/store.dtb"

# Inspects a file; the outcome must be as told.
judged() # name, outcome, file
{
    said=$("$sekisho" inspect --json "$3" 2>&1 | jq -r .outcome 2>/dev/null || true)
    if [ "$said" = "$2" ]; then pass "$1"; else fail "$1" "$said, not $2"; fi
}

# The same file with a byte changed at an offset: not accepted.
changed() # name, file, offset
{
    cp "$2" "$work/changed"
    printf '\252' | dd of="$work/changed" bs=1 seek="$3" conv=notrunc 2>/dev/null
    judged "$1" REJECT "$work/changed"
}

missing() # tool
{
    ! command -v "$1" >/dev/null || return 1
    echo "  SKIP  $1 is not installed"
}

# ---- RAUC ------------------------------------------------------------------------------------
if ! missing rauc && ! missing mksquashfs; then
    for format in plain verity; do
        rm -rf "$work/in"
        mkdir "$work/in"
        head -c 300000 /dev/urandom >"$work/in/rootfs.img"
        printf '[update]\ncompatible=fuji\nversion=7.1\n[bundle]\nformat=%s\n' "$format" \
            >"$work/in/manifest.raucm"
        printf '[image.rootfs]\nfilename=rootfs.img\n' >>"$work/in/manifest.raucm"
        bundle=$work/$format.raucb
        check "rauc makes a $format bundle" rauc --cert="$keys/signer.crt" \
            --key="$keys/signer.key" --keyring="$keys/ca.crt" bundle "$work/in" "$bundle"
        check "rauc takes it" rauc --keyring="$keys/ca.crt" info "$bundle"
        judged "so do we" ACCEPT "$bundle"
        changed "but not with other data" "$bundle" 5000
    done
    if ! missing veritysetup; then
        len=$(tail -c 8 "$work/verity.raucb" | od -An -tu8 --endian=big | tr -d ' ')
        total=$(wc -c <"$work/verity.raucb")
        tail -c $((len + 8)) "$work/verity.raucb" | head -c "$len" >"$work/cms"
        manifest=$(openssl cms -verify -noverify -inform DER -in "$work/cms" 2>/dev/null)
        value() { echo "$manifest" | sed -n "s/^$1=//p"; }
        tree=$((total - len - 8 - $(value verity-size)))
        head -c "$tree" "$work/verity.raucb" >"$work/data"
        tail -c +$((tree + 1)) "$work/verity.raucb" | head -c "$(value verity-size)" >"$work/tree"
        check "veritysetup takes the tree that we took" veritysetup verify --no-superblock \
            --salt="$(value verity-salt)" --data-blocks=$((tree / 4096)) "$work/data" \
            "$work/tree" "$(value verity-hash)"
        changed "a tree that differs is refused, which rauc does not look at" \
            "$work/verity.raucb" $((tree + 10))
    fi
fi

# ---- SWUpdate --------------------------------------------------------------------------------
# Its exit status says little; its words do.
swupdate_takes()
{
    swupdate -c -k "$keys/ca.crt" -H board:1.0 -i "$1" 2>&1 | grep -q 'SWUPDATE successful'
}

if ! missing swupdate; then
    mkdir "$work/swu"
    (
        cd "$work/swu"
        seq 5000 >rootfs
        cat >sw-description <<END
software =
{
	version = "1.0.0";
	hardware-compatibility: [ "1.0" ];
	files: ( { filename = "rootfs"; path = "/tmp/none"; sha256 = "$(sha256sum <rootfs | cut -c 1-64)"; } );
}
END
        openssl cms -sign -in sw-description -out sw-description.sig -signer "$keys/signer.crt" \
            -inkey "$keys/signer.key" -outform DER -nosmimecap -binary
        printf '%s\n' sw-description sw-description.sig rootfs |
            cpio -o -H crc --quiet >../good.swu
        seq 10 >extra
        printf '%s\n' sw-description sw-description.sig rootfs extra |
            cpio -o -H crc --quiet >../extra.swu
    )
    check "swupdate takes an archive" swupdate_takes "$work/good.swu"
    judged "so do we" ACCEPT "$work/good.swu"
    check "swupdate takes a file that nobody signed" swupdate_takes "$work/extra.swu"
    judged "we do not" REJECT "$work/extra.swu"
    changed "nor other bytes" "$work/good.swu" 3000
fi

# ---- SONiC's installer -----------------------------------------------------------------------
head -c 20000 /dev/urandom >"$work/payload"
printf '#!/bin/sh\npayload_sha1=x\npayload_image_size=20000\nexit 0\nexit_marker\n' >"$work/in.bin"
cat "$work/payload" >>"$work/in.bin"
openssl cms -sign -nosmimecap -signer "$keys/signer.crt" -inkey "$keys/signer.key" -binary \
    -in "$work/in.bin" -outform PEM -out "$work/sig"
cat "$work/in.bin" "$work/sig" >"$work/sonic.bin"
check "openssl takes the signature as SONiC asks it" openssl cms -verify -no_check_time -binary \
    -purpose any -CAfile "$keys/ca.crt" -content "$work/in.bin" -inform PEM -in "$work/sig" \
    -out /dev/null
judged "we take the installer" ACCEPT "$work/sonic.bin"
changed "but no other payload" "$work/sonic.bin" 9000

# ---- OpenWrt ---------------------------------------------------------------------------------
# A store that has the SubjectPublicKeyInfo of a key of signify.
spki_of() # key
{
    printf '\060\052\060\005\006\003\053\145\160\003\041\000'
    tail -n 1 "$1.pub" | base64 -d | tail -c 32
}

if ! missing signify-openbsd; then
    for key in root builder; do
        signify-openbsd -G -n -c "$key" -p "$work/$key.pub" -s "$work/$key.sec"
    done
    mkdir "$work/openwrt"
    spki_of "$work/root" >"$work/openwrt/ed25519.spki.der"
    cp "$keys/ca.der" "$keys/rsa2048.spki.der" "$work/openwrt"
    check "a store with a key of signify" "$sekisho" store build --include "$work/openwrt" \
        -o "$work/openwrt.dtb" "$work/store.dts"
    check "is signed" "$sekisho" store sign -k "$work/authority" -o "$work/openwrt.itb" \
        "$work/openwrt.dtb"
    mv "$work/store.itb" "$work/store.kept"
    cp "$work/openwrt.itb" "$work/store.itb"
    firmware=$work/openwrt.bin
    check "firmware is signed by a certified key" tests/interop/openwrt.py "$work/root" \
        "$work/builder" "$work/payload" "$firmware"
    judged "we take it" ACCEPT "$firmware"
    changed "but no other payload" "$firmware" 9000
    changed "nor other metadata" "$firmware" 20010
    check "the root signs what another root certified" tests/interop/openwrt.py "$work/builder" \
        "$work/root" "$work/payload" "$firmware"
    judged "its own signature counts" ACCEPT "$firmware"
    check "a stranger certifies himself" tests/interop/openwrt.py "$work/builder" \
        "$work/builder" "$work/payload" "$firmware"
    judged "and is nobody" REJECT "$firmware"
    mv "$work/store.kept" "$work/store.itb"
fi

# ---- Signatures beside a file ------------------------------------------------------------------
beside() # name, outcome, signature, file
{
    said=$("$sekisho" inspect --json --class rootfs --detached "$3" "$4" 2>&1 |
        jq -r .outcome 2>/dev/null || true)
    if [ "$said" = "$2" ]; then pass "$1"; else fail "$1" "$said, not $2"; fi
}

openssl cms -sign -nosmimecap -binary -signer "$keys/signer.crt" -inkey "$keys/signer.key" \
    -in "$work/payload" -outform DER -out "$work/payload.p7s"
openssl dgst -sha256 -sign "$keys/rsa2048.pem" -out "$work/payload.sig" "$work/payload"
head -c 19999 "$work/payload" >"$work/other"
beside "a CMS signature beside a file" ACCEPT "$work/payload.p7s" "$work/payload"
beside "is not that of another" REJECT "$work/payload.p7s" "$work/other"
beside "OpenBMC's .sig" ACCEPT "$work/payload.sig" "$work/payload"
beside "is not that of another" REJECT "$work/payload.sig" "$work/other"
beside "a file is no signature" REJECT "$work/payload" "$work/other"
if ! missing signify-openbsd && [ -e "$work/openwrt.itb" ]; then
    cp "$work/store.itb" "$work/store.kept"
    cp "$work/openwrt.itb" "$work/store.itb"
    signify-openbsd -S -s "$work/root.sec" -m "$work/payload" -x "$work/payload.usign"
    beside "signify's signature" ACCEPT "$work/payload.usign" "$work/payload"
    beside "is not that of another" REJECT "$work/payload.usign" "$work/other"
    mv "$work/store.kept" "$work/store.itb"
fi

# ---- Authenticode ----------------------------------------------------------------------------
# Debian's own programs, unpacked and not installed: nothing of this machine's boot is touched.
packages=$PWD/build/test/packages
unpacked() # package
{
    [ ! -d "$packages/$1" ] || return 0
    mkdir -p "$packages"
    (
        cd "$packages"
        rm -f "$1"_*.deb
        apt-get -q download "$1" >/dev/null 2>&1 && dpkg-deb -x "$1"_*.deb "$1.new" &&
            mv "$1.new" "$1" && rm -f "$1"_*.deb
    ) || { echo "  SKIP  $1 cannot be downloaded"; return 1; }
}

if ! missing sbsign && unpacked systemd-boot-efi; then
    program=$packages/systemd-boot-efi/usr/lib/systemd/boot/efi/systemd-bootx64.efi
    judged "a program without signature is of nobody" REJECT "$program"
    check "sbsign signs a program" sbsign --key "$keys/signer.key" --cert "$keys/signer.crt" \
        --output "$work/signed.efi" "$program"
    check "sbverify takes it" sbverify --cert "$keys/signer.crt" "$work/signed.efi"
    judged "so do we" ACCEPT "$work/signed.efi"
    changed "but no other code" "$work/signed.efi" 20000
    changed "nor a header that says other things" "$work/signed.efi" 140
    changed "nor bytes that are hidden behind the signature" "$work/signed.efi" \
        $(($(wc -c <"$work/signed.efi") - 1))
    check "sbsign adds a stranger's signature" sbsign --key "$keys/signer-other.key" \
        --cert "$keys/signer-other.crt" --output "$work/two.efi" "$work/signed.efi"
    judged "one of two signers is enough" ACCEPT "$work/two.efi"
fi

# Debian's CA, as its shim carries it.
debian_ca() # shim
{
    python3 - "$1" "$work/debian-ca.der" <<'END'
import sys
data = open(sys.argv[1], "rb").read()
name = data.index(b"Debian Secure Boot CA")
start = max(i for i in range(name - 400, name)
            if data[i:i + 2] == b"\x30\x82" and data[i + 4:i + 6] == b"\x30\x82")
end = start + 4 + int.from_bytes(data[start + 2:start + 4], "big")
open(sys.argv[2], "wb").write(data[start:end])
END
}

if unpacked shim-signed && unpacked shim-unsigned && unpacked grub-efi-amd64-signed; then
    shim=$packages/shim-signed/usr/lib/shim/shimx64.efi.signed
    grub=$packages/grub-efi-amd64-signed/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
    judged "Debian's GRUB is of nobody to a store that does not name Debian" REJECT "$grub"
    check "Debian's CA is in its shim" debian_ca "$shim"
    cp "$work/debian-ca.der" "$work/ca.der"
    cp "$keys"/*.spki.der "$work"
    check "a store that names it" "$sekisho" store build --include "$work" -o "$work/store.dtb" \
        "$work/store.dts"
    check "is signed" "$sekisho" store sign -k "$work/authority" -o "$work/store.itb" \
        "$work/store.dtb"
    judged "takes Debian's GRUB" ACCEPT "$grub"
    changed "but not with other code" "$grub" 60000
    judged "Debian's shim is signed by another CA than Debian's" REJECT "$shim"
fi
finish
