# Sekisho: one Makefile; what differs from board to board stands in boards/$(BOARD)/board.mk.
#
#   make                          what a newcomer wants: the agent for Linux, the technician's command
#   make BOARD=linux ARCH=armhf   one board, here cross-built; goes to build/linux-armhf
#   make CC=clang V=1             another compiler, every command shown
#
# Sources are found, not listed: a new file of firmware/, hal/ or a board is simply built.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all
Q := $(if $(V),,@)
boards := linux bench
setup  := boards/setup

ifndef BOARD
# ---- without a board: the things one does with the whole project ---------------------------------

sub = +$(Q)$(MAKE) --no-print-directory

all: $(boards:%=board-%) ## build/linux/sekisho-agent and build/bench/sekisho

board-%:
	$(sub) BOARD=$*

setup: ## packages (root; else the command is shown) and third-party sources
	$(Q)$(setup)/packages.sh
	$(Q)$(setup)/sources.sh

release: ## AUTHORITY=FILE: the agent for real devices, who take only that authority's stores
	$(Q)$(setup)/release.sh "$(AUTHORITY)"
	$(sub) all AUTHORITY="$(AUTHORITY)"

test: setup ## set up, then run every test; UNIT=name runs tests/unit/test_name alone
	+$(Q)tests/run.sh $(UNIT)

demo: setup ## two emulated switches: one is held, one starts; both checked over serial and network
	$(sub) BOARD=bench
	$(sub) BOARD=fuji-bmc CHIP=16m
	$(sub) BOARD=linux ARCH=armhf
	$(Q)tests/system/demo.sh

policies: ## build/policies: the policy packs and their prefixes of network addresses
	$(Q)mkdir -p build/policies && cp keys/policies/*.dtsi build/policies/
	$(Q)$(setup)/oui.sh keys/policies/organizations.tsv build/policies/oui.dtsi

lint: | build/src/ready ## clang-format, clang-tidy, cppcheck and shellcheck, those that are there
	$(Q)tests/house/format.sh && tests/house/scripts.sh && LINT=1 tests/house/lint.sh

size: ## flash and RAM per module: the portable core on a Cortex-M4 and the gate, against their budgets
	$(sub) all
	$(sub) BOARD=core
	$(Q)tests/house/size.sh

fuzz: ## MINUTES=n of libFuzzer on every parser (default 1)
	$(Q)tests/fuzz/run.sh $(or $(MINUTES),1)

bench: ## ratios against peers, measured
	$(sub) all
	$(Q)tests/bench/run.sh

soak: ## one running gate is asked 10,000 times over the network, 1,000 times over serial
	$(Q)tests/system/soak.sh

large: ## the gate on its own chips of 128 MiB: measured, released, Linux comes up (minutes)
	$(Q)tests/system/large.sh

campaigns := attack glitch faults powercut
$(campaigns): ## campaigns: each prints what was tried and how often it got through
	$(sub) all
	$(Q)tests/attack/$@.sh

clean: ## remove what was built; what was fetched stays
	$(Q)cd build 2>/dev/null && rm -rf $$(ls | grep -vx -e src -e apt -e tarballs -e system) || true

distclean: ## remove build/ altogether
	$(Q)rm -rf build

help: ## this list
	$(Q)sed -n 's/^\([a-z$$()][a-z $$()]*\):[^#=]*## \(.*\)/\1|\2/p' Makefile | \
	    sed 's/^$$(campaigns)/$(campaigns)/' | awk -F'|' '{printf "  make %-28s %s\n", $$1, $$2}'
	$(Q)echo "boards: $(boards); e.g. make BOARD=linux ARCH=armhf"

.PHONY: all setup release test demo policies lint size fuzz bench soak large $(campaigns) clean distclean help

else
# ---- one board: everything below build/<board> ---------------------------------------------------

out := build/$(BOARD)$(ARCH:%=-%)$(CHIP:%=-%)

# For the fragments: object files of sources, what every program is linked with, and how.
objects    = $(patsubst %,$(out)/%.o,$(basename $(1)))
archives   = $(patsubst %,$(out)/lib/lib%.a,firmware hal $(LIBS))
link       = $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
             -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)
HARDEN     = -fPIE -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2
HARDEN_LD  = -Wl,-z,relro,-z,now,-z,noexecstack
fragment  := $(firstword $(wildcard boards/$(BOARD)/board.mk tests/boards/$(BOARD).mk))
ifeq ($(fragment),)
$(error BOARD=$(BOARD): no such board; there are: $(notdir $(patsubst %/board.mk,%,$(wildcard boards/*/board.mk))))
endif
include $(fragment)
# `all` formats or parts: what a host reads. A board with a budget names them.
every      = $(shell sed -n 's/^const struct $(1) $(2)\([a-z0-9_]*\) = .*/\1/p' $(3))
ifeq ($(FORMATS),all)
FORMATS := $(call every,sek_format,sek_format_,firmware/image/*.c)
endif
ifeq ($(PARTS),all)
PARTS := $(call every,sek_part_format,sek_part_,firmware/part/*.c)
endif
AUTHORITY ?= build/keys/demo/authority.pub.pem # whose trust stores are taken

ifneq ($(CROSS)$(filter default,$(origin CC)),)
CC := $(CROSS)gcc
endif
AR := $(CROSS)$(if $(findstring -flto,$(CFLAGS)),gcc-)ar

# Warnings are errors in what is ours; what is not ours is only compiled.
language := -std=c11 -ffunction-sections -fdata-sections -fno-common
strict   := -Wall -Wextra -Werror -Wconversion -Wshadow
sodium   := build/src/libsodium/src/libsodium/include
CPPFLAGS += -Ifirmware -I. -isystem build/src/mbedtls/include -isystem build/src/libfdt/libfdt \
            -isystem build/src/include -isystem build/src/tinycbor/src \
            $(if $(filter lwip,$(LIBS)),-Ihal/lwip -isystem build/src/lwip/src/include) \
            -isystem $(sodium) -isystem $(sodium)/sodium -DCONFIGURED \
            -DMBEDTLS_CONFIG_FILE='"$(setup)/$(MBEDTLS)"' \
            -DMBEDTLS_PSA_CRYPTO_CONFIG_FILE='"$(setup)/$(MBEDTLS)"'
LDFLAGS  += -Wl,--gc-sections

# Our sources: portable code and drivers become archives, so that a board links only what it uses.
firmware := $(wildcard firmware/*/*.c)
# A board whose SIGNATURES do not name ed25519 is built with the file that knows no key of it.
firmware := $(filter-out firmware/crypto/ed25519$(if $(filter ed25519,$(SIGNATURES)),_none).c,$(firmware))
drivers  := $(foreach hal,$(HAL),$(wildcard hal/$(hal)/*.c))
board    := $(wildcard boards/$(BOARD)/*.[cS] boards/$(BOARD)/*/*.c)

# Third-party libraries: their sources are named, because they may not have been fetched yet.
mbedtls_src := asn1parse asn1write base64 bignum bignum_core bignum_mod bignum_mod_raw \
    constant_time ecdsa ecp ecp_curves error md memory_buffer_alloc oid pem pk pk_ecc pk_wrap \
    pkparse pkwrite platform platform_util psa_crypto psa_crypto_client \
    psa_crypto_driver_wrappers_no_static psa_crypto_ecp psa_crypto_hash psa_crypto_rsa \
    psa_crypto_slot_management psa_util rsa rsa_alt_helpers sha256 sha512 threading x509 \
    x509_create x509_crt x509_csr x509write x509write_crt x509write_csr
mbedtls_src := $(mbedtls_src:%=mbedtls/library/%)
fdt_src := $(addprefix libfdt/libfdt/,fdt fdt_addresses fdt_check fdt_empty_tree fdt_ro fdt_rw \
    fdt_strerror fdt_sw fdt_wip)
# Of libsodium only the group of Ed25519: one file, no memory, no state.
sodium_src := libsodium/src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10
lwip_src := $(addprefix lwip/src/core/,def inet_chksum init ip mem memp netif pbuf stats timeouts udp \
    ipv4/acd ipv4/dhcp ipv4/etharp ipv4/icmp ipv4/ip4 ipv4/ip4_addr) lwip/src/netif/ethernet
tinycbor_src := $(addprefix tinycbor/src/,cborencoder cborencoder_close_container_checked cborparser)

# A changed flag, list or configuration rebuilds what it concerns: the stamp's content is the key.
flags := $(CC) $(CPPFLAGS) $(CFLAGS) | $(LDFLAGS) $(LDLIBS) | $(FORMATS) | $(PARTS) | $(AUTHORITY) \
         $(shell cat $(setup)/mbedtls_*.h hal/lwip/lwipopts.h | cksum)
ifneq ($(file <$(out)/flags),$(flags))
$(shell mkdir -p $(out))
$(file >$(out)/flags,$(flags))
endif

# Only what is ours, compiled and not linked: how another compiler judges it.
objects: $(call objects,$(firmware) $(drivers) $(board) $(tests) $(shared))

# A source that came or went: its archive or program is made anew.
sources := $(firmware) $(drivers) $(shared) $(board) $(foreach lib,$(LIBS),$($(lib)_src))
ifneq ($(file <$(out)/sources),$(sources))
$(file >$(out)/sources,$(sources))
endif

program := $(if $(wildcard boards/$(BOARD)/main.c),$(PROGRAM:%=$(out)/%))
all: $(program) $(MORE) $(if $(program)$(MORE),,$(archives))

ifneq ($(program),)
$(program): $(call objects,$(board)) $(out)/tables.o $(out)/authority.o $(archives) $(out)/sources
	@echo "  link    $@"
	$(Q)$(link)
endif

$(out)/lib/libfirmware.a: $(call objects,$(firmware))
$(out)/lib/libhal.a: $(call objects,$(drivers))
$(foreach lib,$(LIBS),$(eval $(out)/lib/lib$(lib).a: $$($(lib)_src:%=$(out)/src/%.o)))
%.a: $(out)/flags $(out)/sources
	@echo "  archive $@"
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(out)/%.o: %.c $(out)/flags | build/src/ready
	@echo "  compile $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(language) $(strict) $(CFLAGS) -MMD -MP -c -o $@ $<

$(out)/%.o: %.S $(out)/flags
	@echo "  compile $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(out)/src/%.o: build/src/%.c $(out)/flags | build/src/ready
	@mkdir -p $(@D)
	$(Q)$(CC) -Ibuild/src/mbedtls/library $(CPPFLAGS) $(language) -w $(CFLAGS) -MMD -MP -c -o $@ $<

# Made sources: what the board's fragment and the caller choose, as C.
made := $(out)/tables.o $(out)/authority.o
$(made): %.o: %.c $(out)/flags | build/src/ready
	$(Q)$(CC) $(CPPFLAGS) $(language) $(strict) $(CFLAGS) -MMD -MP -c -o $@ $<

$(out)/tables.c: $(setup)/tables.sh $(out)/flags
	$(Q)$< "$(FORMATS)" "$(PARTS)" >$@

$(out)/authority.c: $(setup)/authority.sh $(AUTHORITY) $(out)/flags
	$(Q)$< $(or $(AUTHORITY_NAME),board_authority) $(AUTHORITY) >$@

# The demo's keys: private halves exist only below build/.
build/keys/demo/%: | $(setup)/demo_keys.sh
	$(Q)$(setup)/demo_keys.sh build/keys/demo

-include $(wildcard $(shell find $(out) -name '*.d' 2>/dev/null))
.PHONY: all objects
endif

build/src/%.c: | build/src/ready ;
build/src/ready: $(setup)/sources.sh
	$(Q)$(setup)/sources.sh && touch $@
