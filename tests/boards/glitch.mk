# The harness of `make glitch`: a host program that runs the agent's own code in Unicorn.
HAL     :=
LIBS    :=
MBEDTLS := mbedtls_bench.h
CFLAGS  += -O2 -g
LDLIBS  += -lunicorn -lcapstone
MORE    := $(out)/glitch

$(out)/glitch: $(call objects,$(wildcard tests/attack/glitch/*.c))
	@echo "  link    $@"
	$(Q)$(link)
