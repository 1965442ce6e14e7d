package fhir

import (
	"errors"
	"fmt"
	"strings"
)

// An Error is the one error that crosses the layers. Its issues are for the
// client and hold no health data; Err is for the log. Package rest renders it
// as OperationOutcome, package oauth as an OAuth error, the command as lines.
// Any other error becomes a bare 500: its text may name a patient.
type Error struct {
	Kind   Kind
	Op     string  // where it arose, "store.Commit"
	Issues []Issue // at least one
	Err    error   // cause; never shown to a client
}

// Errorf builds an Error of one issue. Text is what failed, hint what was
// expected and how to put it right.
func Errorf(kind Kind, op, id string, code IssueCode, at string, text, hint Text) *Error {
	return &Error{Kind: kind, Op: op, Issues: []Issue{{ID: id, Severity: SeverityError, Code: code, At: at, Text: text, Hint: hint}}}
}

// Wrap sets the cause and returns e.
func (e *Error) Wrap(err error) *Error {
	e.Err = err
	return e
}

// Error returns a line for the log. The cause is in it, so it is never sent.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Op, e.Kind)
	for _, i := range e.Issues {
		fmt.Fprintf(&b, ": %s", i.ID)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the *Error in err's chain, Internal for any other
// error and 0 for nil.
func KindOf(err error) Kind {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// A Kind is how a request fails; package rest gives each its HTTP status.
type Kind uint8

// The kinds. The zero Kind is no failure.
const (
	_                   Kind = iota
	Malformed                // 400: the request cannot be understood
	Unauthenticated          // 401
	Forbidden                // 403: scope, role or policy refuses, whatever exists
	NotFound                 // 404: absent or withheld, which look alike
	NotAllowed               // 405
	NotAcceptable            // 406
	Conflict                 // 409
	Gone                     // 410: deleted, or an expired cursor
	PreconditionFailed       // 412
	TooLarge                 // 413
	UnsupportedMedia         // 415
	Unprocessable            // 422: understood, and against the rules
	Throttled                // 429
	Internal                 // 500
	NotImplemented           // 501
	Unavailable              // 503: the trail or the engine cannot be written; try again
	InsufficientStorage      // 507: the disk is nearly full
)

var kindNames = [...]string{"none", "malformed", "unauthenticated", "forbidden", "not found", "not allowed",
	"not acceptable", "conflict", "gone", "precondition failed", "too large", "unsupported media", "unprocessable",
	"throttled", "internal", "not implemented", "unavailable", "insufficient storage"}

// String returns the name of the kind for logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// An Issue is one problem: OperationOutcome.issue.
type Issue struct {
	ID       string // stable name, documented in docs/errors.md: "search.unknown-parameter"
	Severity Severity
	Code     IssueCode
	At       string // FHIRPath, XPath or segment of the input; "http.name" for a parameter or header
	Text     Text   // details.text: what failed
	Hint     Text   // diagnostics: what was expected, how to put it right
}

// Severity is OperationOutcome.issue.severity. The zero value is an error.
type Severity uint8

// The severities (http://hl7.org/fhir/issue-severity); fatal is not used.
const (
	SeverityError Severity = iota
	SeverityWarning
	SeverityInformation
)

// String returns the FHIR code.
func (s Severity) String() string {
	return [...]string{"error", "warning", "information"}[s]
}

// An IssueCode is a code of http://hl7.org/fhir/issue-type.
type IssueCode string

// The issue types in use.
const (
	CodeInvalid         IssueCode = "invalid"
	CodeStructure       IssueCode = "structure"
	CodeRequired        IssueCode = "required"
	CodeValue           IssueCode = "value"
	CodeInvariant       IssueCode = "invariant"
	CodeSecurity        IssueCode = "security"
	CodeLogin           IssueCode = "login"
	CodeExpired         IssueCode = "expired"
	CodeForbidden       IssueCode = "forbidden"
	CodeNotSupported    IssueCode = "not-supported"
	CodeDuplicate       IssueCode = "duplicate"
	CodeMultipleMatches IssueCode = "multiple-matches"
	CodeNotFound        IssueCode = "not-found"
	CodeDeleted         IssueCode = "deleted"
	CodeTooLong         IssueCode = "too-long"
	CodeCodeInvalid     IssueCode = "code-invalid"
	CodeExtension       IssueCode = "extension"
	CodeTooCostly       IssueCode = "too-costly"
	CodeBusinessRule    IssueCode = "business-rule"
	CodeConflict        IssueCode = "conflict"
	CodeTransient       IssueCode = "transient"
	CodeThrottled       IssueCode = "throttled"
	CodeNoStore         IssueCode = "no-store"
	CodeException       IssueCode = "exception"
	CodeIncomplete      IssueCode = "incomplete"
	CodeInformational   IssueCode = "informational"
	CodeProcessing      IssueCode = "processing"
	CodeUnknown         IssueCode = "unknown"
)

// A Text is a sentence in both languages of the gateway.
type Text struct{ EN, FR string }

// T formats both sentences with the same arguments. Arguments must never be
// health data: names of parameters, types and elements are fine, values of
// elements are not.
func T(en, fr string, args ...any) Text {
	if len(args) == 0 {
		return Text{EN: en, FR: fr}
	}
	return Text{EN: fmt.Sprintf(en, args...), FR: fmt.Sprintf(fr, args...)}
}
