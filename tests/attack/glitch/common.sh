# shellcheck shell=sh disable=SC2154
# What the campaigns of `make glitch` share; from the top of the tree, with $out and $keys set.
set -eu

quietly()
{
    make --no-print-directory -j"$(nproc)" "$@" >"$out/log" 2>&1 || { cat "$out/log" >&2; exit 1; }
}

store() # FILE MORE-NODES: signed, with one key that may sign kernels
{
    cat >"$out/store.dts" <<END
/dts-v1/;
/ {
	compatible = "sekisho,store-1";
	label = "Glitch"; authority = "Glitch";
	serial = <1>; issued = "2026-01-01"; not-after = "2036-12-31";
	suppliers {
		maker {
			allow = "kernel", "rootfs";
			key { public-key = /incbin/("stranger.spki.der"); algo = "sha256,rsa2048";
			      padding = "pkcs-1.5"; key-name-hint = "stranger"; };
		};
	};
};
END
    cp "$keys/stranger.spki.der" "$out/"
    build/bench/sekisho store build -o "$out/store.dtb" "$out/store.dts"
    build/bench/sekisho store sign -k "$keys" -o "$1" "$out/store.dtb"
    # Another key of the same kind, under the same name: its signatures are another's.
    mkdir -p "$out/keys"
    [ -e "$out/keys/stranger.key" ] || openssl genpkey -quiet -algorithm RSA \
        -pkeyopt rsa_keygen_bits:2048 -out "$out/keys/stranger.key" 2>/dev/null
    cp "$out/keys/stranger.key" "$out/keys/nobody.key"
}

sign() # FILE KEYS KEY
{
    KERNEL=$out/kernel FDT=${tree:-} boards/setup/demo_images.sh "$out/$1" "$2" "$3" sha256,rsa2048
}

place() # FILE TEXT: where it begins for the first time
{
    grep -abo -m 1 "$2" "$out/$1" | head -n 1 | cut -d: -f1
}

flip() # FILE TEXT: the bit 0 of the byte where TEXT begins
{
    at=$(place "$1" "$2")
    byte=$(od -An -tu1 -j"$at" -N1 "$out/$1")
    # shellcheck disable=SC2059 # a byte as an octal escape
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="$out/$1" bs=1 seek="$at" conv=notrunc status=none
}

# What the harness has to know of the layout of structures, as this compiler makes it.
layout() # PREFIX OPTION...
{
    cat >"$out/layout.c" <<END
#include "agent/cycle.h"
#include "crypto/spki.h"
char image_at[offsetof(struct sek_cycle, image)];
char count_at[offsetof(struct sek_cycle, row_count)];
char rows_at[offsetof(struct sek_cycle, memory.row)];
char today_at[offsetof(struct sek_cycle, appraiser.context.today)];
char row_size[sizeof(struct sek_row)];
char modulus_at[offsetof(struct sek_spki, modulus)];
char exponent_at[offsetof(struct sek_spki, exponent)];
char integrity_at[offsetof(struct sek_row, integrity)];
char verdict_at[offsetof(struct sek_row, verdict)];
char alg_size[offsetof(struct sek_sig_alg, key_bits) + sizeof(uint16_t)];
END
    prefix=$1
    shift
    "${prefix}gcc" "$@" -Ifirmware -I. -isystem build/src/mbedtls/include -isystem \
        build/src/libfdt/libfdt -DMBEDTLS_CONFIG_FILE='"boards/setup/mbedtls_device.h"' \
        -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"boards/setup/mbedtls_device.h"' -c -o "$out/layout.o" \
        "$out/layout.c"
    "${prefix}nm" -S "$out/layout.o" | awk '{print $4 "=0x" $2}'
}
