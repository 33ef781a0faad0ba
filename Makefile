# A thin cover of installers/develop.py, which is what to call where there is no make.
PYTHON ?= python3

.PHONY: run test test-oracle test-clients test-peer installer test-installer bench oracle lock translate
run test test-oracle test-clients test-peer installer test-installer bench oracle lock translate:
	@$(PYTHON) installers/develop.py $@
