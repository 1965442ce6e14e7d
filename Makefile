# make check is what CI runs; the other targets are its parts.

.PHONY: check build test race lint fuzz bench
check:
	bash .ci/run

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o cordee ./cmd/cordee

test:
	go test ./...

race:
	go test -race -short ./...

lint:
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

fuzz:
	bash .ci/fuzz 10s

bench:
	go test -run '^$$' -bench . -benchmem ./...
