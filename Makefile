# Sekisho: see README.md, or `make help`.
#
# One Makefile. What is built for one board, and with which flags, stands in its fragment:
# boards/BOARD/board.mk (tests/BOARD/board.mk for what only tests need). A fragment sets
#   PROGRAMS            what is linked: build/BOARD/NAME from MAIN_NAME and the library
#   MAIN_NAME           sources of that program alone
#   MODULES             further sources of the library, beside all of firmware/
#   FORMATS PARTS       image and identity formats of this build, in the order of probing
#   MBEDTLS_CONFIG      configuration header of Mbed TLS
#   CROSS CPUFLAGS OPTIMISE LDFLAGS_BOARD LDLIBS
# and the rules here do the rest. `make` without BOARD builds the agent and the bench for this host.

.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/sh
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@echo "  $(1)	$(2)")

ifeq ($(BOARD),)
# ------------------------------------------------------------------------------------------------
# What people call.

.PHONY: all setup help test demo bench size lint fuzz attack glitch faults powercut clean
all: setup ## build the agent and the bench for this machine (the default)
	$(Q)$(MAKE) BOARD=linux
	$(Q)$(MAKE) BOARD=bench

setup: ## install packages, fetch sources, make demo keys; silent when nothing is missing
	$(Q)boards/setup/packages.sh
	$(Q)boards/setup/sources.sh build
	$(Q)boards/setup/demo_keys.sh build/keys/demo

test: all ## run every test (UNIT=name: one unit test)
	$(Q)tests/run.sh $(UNIT)

demo: setup ## check two emulated switches over serial line and network
	$(Q)$(MAKE) BOARD=bench
	$(Q)$(MAKE) BOARD=linux ARCH=armhf
	$(Q)tests/system/demo.sh

bench: all ## print the measured ratios against peers
	$(Q)tests/bench/run.sh

size: setup ## print flash and RAM per module of the portable core
	$(Q)$(MAKE) BOARD=core
	$(Q)tests/bench/size.sh

attack: all ## run the list of attacks, each with its weakened twin
	$(Q)tests/attack/run.sh

glitch: all ## inject faults into the shipped binary's decision
	$(Q)tests/attack/glitch.sh

faults: all ## let every call of a measuring cycle fail in turn
	$(Q)tests/attack/faults.sh

fuzz: setup ## fuzz every parser (MINUTES=n in all)
	$(Q)$(MAKE) BOARD=fuzz
	$(Q)tests/fuzz/run.sh $(or $(MINUTES),10)

lint: setup ## run the checkers
	$(Q)tests/house/lint.sh

clean: ## remove what was built, keep fetched sources and keys
	$(Q)find build -mindepth 1 -maxdepth 1 ! -name src ! -name apt ! -name keys -exec rm -rf {} + 2>/dev/null || true

help: ## show this
	@echo "make [BOARD=linux|bench|fuji-bmc|...] [ARCH=armhf] [CC=clang] [V=1] [TARGET]"
	@echo
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1	\2/p' Makefile | expand -t 14

else
# ------------------------------------------------------------------------------------------------
# One board.

OUT := build/$(BOARD)$(ARCH:%=-%)
MISSING := $(shell boards/setup/sources.sh build >&2 || echo yes; boards/setup/demo_keys.sh build/keys/demo >&2 || echo yes)
ifneq ($(MISSING),)
$(error set-up is not complete)
endif

ifeq ($(origin CC),default)
CC := gcc
endif
OPTIMISE := -O2
AUTHORITY ?= build/keys/demo/authority.pub.pem
FRAGMENT := $(firstword $(wildcard boards/$(BOARD)/board.mk tests/$(BOARD)/board.mk))
ifeq ($(FRAGMENT),)
$(error no board "$(BOARD)": there is no boards/$(BOARD)/board.mk)
endif
include $(FRAGMENT)

COMPILE := $(CROSS)$(CC)
CPPFLAGS += -I. -Ifirmware -I$(OUT) -DMBEDTLS_CONFIG_FILE='"$(MBEDTLS_CONFIG)"' \
	-isystem build/src/mbedtls/include -isystem build/src/libfdt/libfdt -isystem build/src/tinycbor/src
WARN := -Wall -Wextra -Werror -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
CFLAGS += -std=c11 -g $(OPTIMISE) $(CPUFLAGS) -ffunction-sections -fdata-sections
LDFLAGS += $(CPUFLAGS) -Wl,--gc-sections $(LDFLAGS_BOARD)

PORTABLE := $(wildcard firmware/*/*.c)
OBJECTS = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
LIBRARY := $(OUT)/libsekisho.a
MBEDTLS_SOURCES := $(filter-out %/ssl_% %/mps_% %/net_sockets.c %/debug.c %/timing.c %/entropy_poll.c, \
	$(wildcard build/src/mbedtls/library/*.c))
FDT_SOURCES := $(addprefix build/src/libfdt/libfdt/, fdt.c fdt_ro.c fdt_wip.c fdt_sw.c fdt_rw.c fdt_strerror.c fdt_check.c)
CBOR_SOURCES := $(addprefix build/src/tinycbor/src/, cborencoder.c)
FOREIGN := $(OUT)/libforeign.a

.PHONY: build
build: $(PROGRAMS:%=$(OUT)/%)

# Objects are built again when the flags differ from the last time.
FLAGS := $(COMPILE) $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) $(LDLIBS)
.PHONY: force
$(OUT)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@

$(OUT)/obj/%.o: %.c $(OUT)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(CPPFLAGS) $(CFLAGS) $(if $(filter build/%,$<),-w,$(WARN)) -MMD -MP -c -o $@ $<

$(LIBRARY): $(call OBJECTS,$(PORTABLE) $(MODULES)) $(call OBJECTS,$(OUT)/made/tables.c $(OUT)/made/authority.c)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(CROSS)ar rcs $@ $^

$(FOREIGN): $(call OBJECTS,$(MBEDTLS_SOURCES) $(FDT_SOURCES) $(CBOR_SOURCES))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(CROSS)ar rcs $@ $^

# What this build recognises, in the order of probing.
$(OUT)/made/tables.c: $(FRAGMENT) $(OUT)/flags
	@mkdir -p $(@D)
	@{ echo '/* Made by make from FORMATS and PARTS; do not edit. */'; \
	echo '#include "image/image.h"'; echo '#include "part/part.h"'; echo; \
	for n in $(FORMATS); do echo "extern const struct sek_format sek_format_$$n;"; done; \
	for n in $(PARTS); do echo "extern const struct sek_part_format sek_part_$$n;"; done; \
	echo 'const struct sek_format *const sek_formats[] = {'; \
	for n in $(FORMATS); do echo "    &sek_format_$$n,"; done; echo '    NULL,'; echo '};'; \
	echo 'const struct sek_part_format *const sek_parts[] = {'; \
	for n in $(PARTS); do echo "    &sek_part_$$n,"; done; echo '    NULL,'; echo '};'; } >$@

# The key of the authority whose trust stores this build accepts.
$(OUT)/made/authority.c: $(AUTHORITY) $(OUT)/flags
	@mkdir -p $(@D)
	@openssl pkey -pubin -in $(AUTHORITY) -outform DER -out $(@D)/authority.der
	@boards/setup/embed.sh sek_authority $(@D)/authority.der >$@

define program
$(OUT)/$(1): $(call OBJECTS,$(MAIN_$(1))) $(LIBRARY) $(FOREIGN) $(LINK_INPUTS)
	$$(call say,LD,$$@)
	$$(Q)$(COMPILE) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LDLIBS)
endef
$(foreach name,$(PROGRAMS),$(eval $(call program,$(name))))

.SECONDARY:
-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
endif
