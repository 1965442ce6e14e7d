// Package interference proves promise 5 at the gateway's door: whatever a
// caller asks, over whatever channel, the gateway answers as one that never
// held what the caller must not see. It is all test.
//
// Each case draws a territory (patients, care teams, consents, masks, records
// of several organisations), a caller, and a sequence of HTTP requests, and
// sends it to two gateways that are whole but for their disk: one holds the
// territory, the other what an oracle, written apart from the decision point,
// says that the caller may see. Status, headers and bodies must be equal; only
// the sealed cursors may differ, and both walks follow their own.
//
// What is excluded, by the name that the code gives it:
//
//   - taken: a PUT onto an id that is in use and withheld (docs/divergences.md);
//   - registrar: a caller of that role may open patients to itself by design;
//   - alone: so may the organisation that contributed the Patient and all that
//     decides about access to it.
//
// What the second gateway takes from the first, likewise:
//
//   - shadow: where a policy that lets the caller in is itself withheld from it
//     (masked, or about another patient too, or out of the reach of its scopes,
//     as a Group always is), or lets it contribute about a patient whom it may
//     not see (dmp-alimentation), the second gateway decides by the policies of
//     the first, together with what the request under way makes of its own.
//     That the first decides rightly is for the oracle to say.
//   - custodian: $consent-decision of a patient whom the caller manages and may
//     not see, or about a function that is masked: it tells those who answer for
//     a record how it stands with it, and on both sides by the policies of the
//     first, whether or not the caller may read these.
//   - root: what a Binary that may be seen belongs to is in the second gateway
//     too, where only the Binary is the caller's own or within its scopes: who
//     brought a Binary in sees it, and with it whom it is about.
//
// A failing case is printed as a script that -replay runs again; those that
// once failed are in testdata and run with every go test.
//
// testdata/holes are deliberate holes in the product, compiled in one at a time
// by -holes: the property must find each.
package interference
