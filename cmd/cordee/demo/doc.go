// Package demo is the fictional territory that `cordee serve --demo` opens
// with: the CPTS des Deux-Rives, its professionals, thirteen patients and the
// software that asks about them. Nobody in it exists: identities are INS-shaped
// numbers of the test authority (urn:oid:1.2.250.1.213.1.4.10) of a department
// 00, RPPS numbers start with 8999, addresses are in towns that no map shows.
//
// The data are the files of territory/, transaction Bundles in FR Core, ANS and
// IHE PCF shapes with PUT to readable ids, one for each patient and
// contributor, so that documentation can name them. They are the same bytes on
// every start. story/ holds what the guided tour sends: the pharmacist's
// interview about an oral anticancer drug, and a consent that lets the practice
// of another town in.
//
// # Who sees whom
//
// By the decision point of package auth/consent, as a test proves: team and
// consent see every record of the patient that is not masked, own sees what
// the organisation itself contributed and nothing else, - sees nothing.
//
//	Patient                      | practice | pharmacy | physio | hospital | platform | outsider | officer | loader | story
//	jeanne-durand                | team     | team     | team   | -        | consent  | -        | -       | -      | five professions, coordination plan, the platform by consent
//	andre-le-bihan               | team     | team     | -      | team     | -        | -        | -       | -      | oral anticancer drug, pharmacist's pathway
//	marie-therese-d-almeida      | own      | own      | -      | -        | -        | -        | -       | -      | objects to all sharing, her care team included
//	zoe-nguyen-ferrand           | team     | team     | -      | -        | -        | -        | -       | -      | a minor; what she told in confidence is masked
//	rene-l-hostis                | -        | -        | -      | -        | -        | own      | -       | -      | brought in unconscious; no care team, break-glass to come
//	fatima-el-amrani             | team     | -        | team   | -        | -        | -        | -       | -      | knee prosthesis, physiotherapy
//	jean-baptiste-quere          | team     | -        | -      | -        | consent  | -        | -       | -      | asks the platform for support
//	odile-vasseur                | team     | -        | team   | -        | -        | -        | -       | -      | denies her pharmacy, although it is in her care team
//	kevin-da-silva               | team     | -        | -      | -        | -        | -        | -       | -      | the physiotherapist's part is over
//	suzanne-boeuf                | team     | team     | -      | -        | -        | -        | -       | -      | her consent to the platform has ended, a refusal is withdrawn
//	marcel-prud-homme            | team     | team     | -      | -        | -        | -        | -       | -      | a diagnosis masked from other professionals
//	emile-carpentier             | -        | -        | -      | -        | -        | team     | -       | -      | lives in the other town
//	jeanne-durand-port-ambroise  | -        | -        | -      | -        | -        | team     | -       | -      | homonym of jeanne-durand, born on the same day
//
// It opens no store and knows no client secret: the command does.
package demo
