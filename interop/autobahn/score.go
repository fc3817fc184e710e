package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

// verdict is what the server says about one case.
type verdict struct {
	number          int
	id              string
	behavior, close conformance.Result // close is "" when the server does not tell
	ended           error              // what the client saw at the end
}

func (v verdict) section() string {
	section, _, _ := strings.Cut(v.id, ".")
	return section
}

func (v verdict) behavesWrongly() bool {
	return v.behavior != conformance.OK && v.behavior != conformance.Informational
}

func (v verdict) closesWrongly() bool {
	return v.close != "" && v.close != conformance.OK && v.close != conformance.Informational
}

// scorecard is the verdicts in the order of the cases.
type scorecard struct {
	verdicts []verdict
	report   bool // the server's report was read
}

// readReport takes the verdicts on closes from the server's index.json.
func (s *scorecard) readReport(file, agent string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("-report: %w", err)
	}
	var index map[string]map[string]struct {
		BehaviorClose conformance.Result `json:"behaviorClose"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return fmt.Errorf("-report: %w", err)
	}
	for i, v := range s.verdicts {
		s.verdicts[i].close = index[agent][v.id].BehaviorClose
		if s.verdicts[i].close == "" {
			return fmt.Errorf("-report: the file has no verdict on case %q of agent %q", v.id, agent)
		}
	}
	s.report = true
	return nil
}

// wrong counts the cases for which the exit status is not 0.
func (s *scorecard) wrong() int {
	n := 0
	for _, v := range s.verdicts {
		if v.behavesWrongly() || v.closesWrongly() {
			n++
		}
	}
	return n
}

// columns are the results that the table counts; any other is among "other".
var columns = []conformance.Result{
	conformance.OK, conformance.NonStrict, conformance.Informational, conformance.Unimplemented, conformance.Failed,
}

// print writes a line for each case that is not OK and the table. What comes
// from the server is quoted.
func (s *scorecard) print(w io.Writer) error {
	for _, v := range s.verdicts {
		if v.behavior == conformance.OK && !v.closesWrongly() {
			continue
		}
		line := fmt.Sprintf("case %d, %q: %q", v.number, v.id, v.behavior)
		if v.close != "" {
			line += fmt.Sprintf(", close %q", v.close)
		}
		if _, err := fmt.Fprintf(w, "%s; the client ended with: %v\n", line, v.ended); err != nil {
			return err
		}
	}
	if err := s.table(w); err != nil {
		return err
	}
	note := ""
	if !s.report {
		note = "; closes were not judged, for want of -report"
	}
	_, err := fmt.Fprintf(w, "%d cases, %d wrong%s\n", len(s.verdicts), s.wrong(), note)
	return err
}

func (s *scorecard) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "section\tcases\t")
	for _, c := range columns {
		fmt.Fprintf(t, "%s\t", c)
	}
	fmt.Fprintln(t, "other\twrong close\t")
	for _, section := range s.sections() {
		counts := map[conformance.Result]int{}
		cases, other, closes := 0, 0, 0
		for _, v := range s.verdicts {
			if v.section() != section {
				continue
			}
			cases++
			counts[v.behavior]++
			if v.closesWrongly() {
				closes++
			}
		}
		other = cases
		fmt.Fprintf(t, "%.20q\t%d\t", section, cases)
		for _, c := range columns {
			fmt.Fprintf(t, "%d\t", counts[c])
			other -= counts[c]
		}
		fmt.Fprintf(t, "%d\t%d\t\n", other, closes)
	}
	return t.Flush()
}

// sections returns those that occur, in the order of the cases.
func (s *scorecard) sections() []string {
	var names []string
	seen := map[string]bool{}
	for _, v := range s.verdicts {
		if name := v.section(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
