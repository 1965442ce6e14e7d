package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

func newConsent() *cobra.Command {
	c := &cobra.Command{
		Use:     "consent",
		Short:   "Ask the gateway who may see what of a patient, and why",
		Example: "  cordee consent explain --client officer.json --patient Patient/jeanne-durand --actor Organization/pharmacie-vieux-pont",
	}
	c.AddCommand(newConsentExplain())
	return c
}

func newConsentExplain() *cobra.Command {
	var file, patient, output string
	var q url.Values = url.Values{}
	var actor, organization, purpose, profession string
	c := &cobra.Command{
		Use:   "explain --client FILE --patient Patient/ID --actor REFERENCE",
		Short: "Say what an actor may see of a patient, by class of data, and by which rules",
		Long: `Asks a running gateway (Patient/ID/$consent-decision) what an actor would see of a
patient, and which rules with which versions make it so. The gateway answers the
patient, who represents them, the custodian of the record and officers; for
everybody else there is no such patient. The question is in the trail.

It speaks the language of the terminal. With --output json it prints the
Parameters as they came.`,
		Example: `  cordee consent explain --client officer.json --patient Patient/jeanne-durand --actor Organization/pharmacie-vieux-pont
  cordee consent explain --client practice.json --patient Patient/jeanne-durand --actor PractitionerRole/x --purpose BTG --output json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			id, ok := strings.CutPrefix(patient, "Patient/")
			if !ok || id == "" || actor == "" {
				return usage("--patient Patient/ID and --actor REFERENCE are needed")
			}
			client, err := readClient(file)
			if err != nil {
				return err
			}
			for name, value := range map[string]string{"actor": actor, "organization": organization, "purpose": purpose, "profession": profession} {
				if value != "" {
					q.Set(name, value)
				}
			}
			answer, err := caller.New(client).Do(c.Context(), caller.Request{Method: http.MethodGet, Path: "Patient/" + url.PathEscape(id) + "/$consent-decision?" + q.Encode()})
			if err != nil {
				return err
			}
			if answer.Status != http.StatusOK {
				if err := answer.Brief(c.ErrOrStderr()); err != nil {
					return err
				}
				return &exit{code: exitFailed}
			}
			if output == "json" {
				return printAnswer(c.OutOrStdout(), answer, "json")
			}
			return printDecision(c.OutOrStdout(), answer.Body)
		},
	}
	clientFlag(c, &file)
	outputFlag(c, &output)
	c.Flags().StringVar(&patient, "patient", "", "Patient/`ID`")
	c.Flags().StringVar(&actor, "actor", "", "`REFERENCE` of who would ask: Organization, PractitionerRole, Practitioner, Patient or RelatedPerson")
	c.Flags().StringVar(&organization, "organization", "", "`REFERENCE` of the organisation for which a Practitioner would ask")
	c.Flags().StringVar(&purpose, "purpose", "", "`CODE` of v3-ActReason (TREAT, or PATRQT for patients)")
	c.Flags().StringVar(&profession, "profession", "", "`CODE` of TRE_G15-ProfessionSante of the actor")
	return c
}

// A decision is the Parameters of $consent-decision, as far as text tells them.
type decision struct {
	Language  string
	Parameter []decided
}

type decided struct {
	Name           string
	ValueCode      string
	ValueString    string
	ValueURI       string
	ValueBoolean   bool
	ValueReference struct{ Reference string }
	Part           []decided
}

// A ruling is what was decided of one thing.
type ruling struct {
	title, rule, text string
	permit            bool
	policies          []string
}

func (r *ruling) read(p decided) {
	switch p.Name {
	case "title":
		r.title = p.ValueString
	case "permit":
		r.permit = p.ValueBoolean
	case "rule":
		r.rule = p.ValueCode
	case "text":
		r.text = p.ValueString
	case "policy":
		r.policies = append(r.policies, p.ValueURI)
	}
}

// words are what the listing says itself.
var words = map[string]struct{ yes, no, of, contradict string }{
	"fr": {"ouvert", "fermé", "%s, demandé par %s (%s)\n", "se contredisent"},
	"en": {"open", "closed", "%s, asked for by %s (%s)\n", "contradict each other"},
}

// printDecision writes one line for the whole and one for each class and label:
// whether it is open, by which rule, and what that rests on.
func printDecision(w io.Writer, body []byte) error {
	var d decision
	if err := json.Unmarshal(body, &d); err != nil {
		return err
	}
	say, known := words[d.Language]
	if !known {
		say = words["en"]
	}
	var head = map[string]string{}
	var whole ruling
	var list []ruling
	var contradictions []string
	for _, p := range d.Parameter {
		switch p.Name {
		case "class", "label":
			var r ruling
			for _, part := range p.Part {
				r.read(part)
			}
			list = append(list, r)
		case "contradiction":
			contradictions = append(contradictions, p.ValueURI)
		default:
			whole.read(p)
			head[p.Name] = p.ValueReference.Reference + p.ValueCode + p.ValueString
		}
	}
	fmt.Fprintf(w, say.of, head["patient"], head["actor"], head["purpose"])
	for _, r := range append([]ruling{whole}, list...) {
		word := say.no
		if r.permit {
			word = say.yes
		}
		fmt.Fprintf(w, "  %-7s %-48s %s (%s)\n", word, r.title, r.text, strings.Join(append([]string{r.rule}, r.policies...), " "))
	}
	if len(contradictions) > 0 {
		fmt.Fprintf(w, "  %s: %s\n", say.contradict, strings.Join(contradictions, " "))
	}
	_, err := fmt.Fprintf(w, "  matrix %s, rules %s\n", head["matrix"], head["rules"])
	return err
}
