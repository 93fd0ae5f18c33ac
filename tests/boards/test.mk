# The host that the tests run on: every source, with the fakes, under sanitizers. Each
# tests/*/test_*.c becomes a program; other .c files of unit, attack and interop are shared by them.
# `twins`: each attack against a build that is weakened in one line, tests/attack/weaken.tsv.
HAL      = linux portable fake x86
FORMATS := all
PARTS   := all
SIGNATURES := ed25519
LIBS    := mbedtls fdt tinycbor sodium
MBEDTLS := mbedtls_bench.h
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS  += -O1 -g -pthread $(SANITIZE)
LDFLAGS += -pthread -Wl,--allow-multiple-definition
LDLIBS  += -lcmocka -ljansson -lexpat -lz
AUTHORITY_NAME := bench_demo_authority

tests  := $(wildcard tests/*/test_*.c)
shared := $(filter-out $(tests),$(wildcard tests/unit/*.c tests/attack/*.c tests/interop/*.c)) \
          $(filter-out %/main.c,$(wildcard boards/bench/*.c boards/bench/*/*.c boards/linux/*.c))
MORE   := $(tests:tests/%.c=$(out)/%) $(out)/interop/soak_client

$(out)/lib/libtests.a: $(call objects,$(shared)) $(out)/tables.o $(out)/authority.o
$(MORE): $(out)/%: $(out)/tests/%.o $(out)/lib/libtests.a $(archives)
	@mkdir -p $(@D)
	$(Q)$(link) $$(sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' tests/$*.c)

$(filter $(out)/attack/%,$(MORE)): | build/keys/attack/.complete
build/keys/attack/.complete: tests/attack/keys.sh
	$(Q)$< $(@D) && touch $@

# The twins: copies of sources, weakened, are linked in front of the archives.
twin_table := tests/attack/weaken.tsv
define twin_source # id, source
$(out)/twin/$(1)/$(2): $(twin_table) tests/attack/weaken.sh $(2)
	@mkdir -p $$(@D)
	$$(Q)tests/attack/weaken.sh $(1) $(2) >$$@
$(out)/twin/$(1)/test: $(out)/twin/$(1)/$(2:.c=.o)
endef
define twin # id, program
$(out)/twin/$(1)/test: $(out)/tests/attack/$(2).o $(out)/lib/libtests.a $(archives)
	$$(Q)$$(link) $$$$(sed -n 's|^/\* link: \(.*\) \*/$$$$|\1|p' tests/attack/$(2).c)
twins += $(out)/twin/$(1)/test
endef
twin_rows = $(shell awk -F'\t' '!/^\#/ && !seen[$(1)]++ {print $(1)}' $(twin_table))
$(foreach row,$(call twin_rows,$$1 "|" $$3),\
    $(eval $(call twin_source,$(word 1,$(subst |, ,$(row))),$(word 2,$(subst |, ,$(row))))))
$(foreach row,$(call twin_rows,$$1 "|" $$2),\
    $(eval $(call twin,$(word 1,$(subst |, ,$(row))),$(word 2,$(subst |, ,$(row))))))
$(out)/twin/%.o: $(out)/twin/%.c $(out)/flags | build/src/ready
	$(Q)$(CC) $(CPPFLAGS) $(language) -w $(CFLAGS) -MMD -MP -c -o $@ $<
attacks: $(filter $(out)/attack/%,$(MORE))
twins: $(if $(WEAKEN),$(out)/twin/$(WEAKEN)/test,$(twins))
.PHONY: attacks twins
