# `make` alone lists the targets. They need make and python3 only: bootstrap.py prepares the rest.

PYTHON ?= python3
PREPARE = $(PYTHON) scripts/bootstrap.py
RUN = --group embedded --group sandboxes
TEST = $(RUN) --group dev --group e2e
JOBS ?= 3
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE  # a dozen processes start the same code: compiled once, not each time

.DEFAULT_GOAL := help
.PHONY: help demo story test conformance access bench soak faults-dmp faults-mssante interop-mail lint fix

help: ## cette liste
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: ## lance tout, avec une semaine de démonstration (RESET=1 : repartir de zéro)
	@exec $(PREPARE) $(RUN) -- python -m scripts.demo $(ARGS)

story: ## joue l'histoire complète, de la sortie à la lecture, puis s'arrête
	@exec $(PREPARE) $(RUN) -- python -m scripts.story $(ARGS)

test: ## tous les tests, sans Docker ni réseau (ceux du navigateur s'il y a Chromium)
	@exec $(PREPARE) $(TEST) -- python -m scripts.tests --jobs $(JOBS) $(ARGS)

conformance: ## les documents produits, face aux règles nationales
	@exec $(PREPARE) $(TEST) -- python -m tests.conformance.run $(ARGS)

access: ## chaque adresse, pages et API, parcourue sous chaque rôle
	@exec $(PREPARE) $(TEST) -- python -m scripts.access $(ARGS)

bench: ## la vitesse, rapportée aux programmes les plus simples, mesurés dans la même passe
	@exec $(PREPARE) $(TEST) -- python -m scripts.bench $(ARGS)

soak: ## dix mille dépôts par un seul processus, sa mémoire et ses connexions (ARGS="--deposits 2000")
	@exec $(PREPARE) $(TEST) -- python -m scripts.soak $(ARGS)

faults-dmp: ## chaque panne du DMP à chaque étape d'un dépôt, jugée du dehors (ARGS="--only TLS")
	@exec $(PREPARE) $(TEST) -- python -m scripts.faults $(ARGS)

faults-mssante: ## chaque panne de l'opérateur MSSanté, à l'envoi et à la réception (ARGS="--only imap")
	@exec $(PREPARE) $(TEST) -- python -m scripts.faults_mssante $(ARGS)

interop-mail: ## la messagerie face à Postfix et Dovecot de Debian (sous root : les installe)
	@exec $(PREPARE) $(TEST) -- python -m tests.interop.run $(ARGS)

lint: ## style, types, règles d'import, migrations
	@exec $(PREPARE) $(TEST) -- python -m scripts.lint

fix: ## remet en forme ce qui peut l'être
	@$(PREPARE) $(TEST) -- ruff check --fix --quiet .
	@$(PREPARE) $(TEST) -- ruff format --quiet .
