package django

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// candidate is a module, or a class in one, that may be a leaf.
type candidate struct {
	root, module, path, class string
	claims                    []claim
	// settings is what the module's content shows.
	settings *settingsModule
	// nature is what the name says, place what the folders say.
	nature, place Stage
	// bases are the modules it is built on, all the way; sets are the settings of
	// the table that it and they assign.
	bases, sets map[string]bool
	tier        Tier
	// why are the reasons for the tier.
	why []Reason
}

// natureOf says what the name of a module tells: its last part, or a part before
// it that is nothing but such a word, as in production/settings.py.
func natureOf(module string) Stage {
	parts := strings.Split(module, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		tokens := tokensOf(parts[i])
		if i == len(parts)-1 {
			if s := stageOfTokens(tokens); s != "" {
				return s
			}
			// Compose runs what developers run.
			if hasAny(tokens, "compose", "dockercompose") {
				return StageDevelopment
			}
		} else if s := stageOfTokens(tokens); len(tokens) == 1 && (i > 0 || s == StageDevelopment || s == StageTest) && s != "" {
			return s
		}
	}
	return ""
}

// natureOfClass says what the name of a class tells: "ProductionAWS".
func natureOfClass(class string) Stage {
	var words strings.Builder
	runes := []rune(class)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			words.WriteByte(' ')
		}
		words.WriteRune(r)
	}
	return stageOfTokens(tokensOf(words.String()))
}

// has reports whether a claim of one of the kinds is there that is for no stage
// but these.
func (c *candidate) has(kinds []claimKind, stages ...Stage) bool {
	return slices.ContainsFunc(c.claims, func(cl claim) bool {
		return slices.Contains(kinds, cl.kind) && slices.Contains(stages, cl.stage)
	})
}

func (c *candidate) configured() bool { return c.has([]claimKind{claimConfigured}, StageProduction) }

// deployed reports whether something that says how the project is deployed names
// the candidate.
func (c *candidate) deployed() bool {
	return c.has([]claimKind{claimDeployed}, StageProduction)
}

// loaded reports whether a process that is not for tests loads the candidate, as
// far as files tell.
func (c *candidate) loaded() bool {
	return c.deployed() || c.has([]claimKind{claimDeployed, claimServed, claimCelery, claimManage}, "", StageProduction)
}

// whole reports whether a candidate and what it is built on set what no project
// does without: parts of settings, and what plugins add to those of others, do
// not.
func (c *candidate) whole() bool {
	return c.sets["INSTALLED_APPS"] && (c.sets["DATABASES"] || c.sets["ROOT_URLCONF"])
}

func (c *candidate) because(tier Tier, reason Reason) {
	c.tier = tier
	if reason.Text != "" {
		if reason.Path == "" {
			reason.Path = c.path
		}
		c.why = append(c.why, reason)
	}
}

// judge gives every candidate of one project its tier.
func judge(group []*candidate) {
	for _, c := range group {
		c.judgeAlone()
	}
	production := func() bool {
		return slices.ContainsFunc(group, func(c *candidate) bool { return c.tier == Production })
	}
	// First those that nothing can talk out of it, so that the others can be
	// compared with them.
	for _, c := range group {
		if c.tier == Unknown && c.deployed() {
			c.because(Production, Reason{})
		}
	}
	for _, c := range group {
		if c.tier == Unknown && c.loaded() {
			c.judgeLoaded(group)
		}
	}
	for _, c := range group {
		if c.tier == Unknown && !c.loaded() {
			c.judgeBuiltOn(group)
		}
	}
	if !production() {
		// What runs the server in the image that is deployed is production, whatever
		// it is called, unless something else is.
		for _, c := range group {
			if c.tier == Development && c.place == "" && slices.ContainsFunc(c.claims, func(cl claim) bool {
				return cl.kind == claimDeployed && cl.stage == StageProduction && cl.served
			}) {
				c.because(Production, Reason{Text: "a server is run with it for deployment, and no other settings are"})
			}
		}
	}
}

// judgeAlone decides what a candidate's own name, folder and configuration do.
func (c *candidate) judgeAlone() {
	switch {
	case c.configured():
		c.because(Production, Reason{})
	case c.place != "" && !c.deployed():
		c.because(tierOfStage(c.place), Reason{Text: "it is in `" + path.Dir(c.path) + "`, which is " + placeWords(c.place)})
	case c.nature == StageTest, c.nature == StageExample, c.nature == StageDevelopment:
		c.because(tierOfStage(c.nature), Reason{Text: "its name says " + string(c.nature)})
	case c.nature == StageProduction:
		c.because(Production, Reason{Text: "its name says production"})
	case c.loaded():
	case len(c.claims) > 0 && c.has([]claimKind{claimDeployed, claimServed, claimCelery, claimManage}, StageDevelopment):
		c.because(Development, Reason{})
	case len(c.claims) > 0 && c.has([]claimKind{claimTested, claimDeployed, claimServed, claimCelery, claimManage}, StageTest):
		c.because(Test, Reason{})
	case len(c.claims) > 0:
		c.because(Example, Reason{})
	}
}

func placeWords(s Stage) string {
	if s == StageTest {
		return "for tests"
	}
	return "for examples and documentation"
}

func tierOfStage(s Stage) Tier {
	switch s {
	case StageProduction:
		return Production
	case StageDevelopment:
		return Development
	case StageTest:
		return Test
	case StageExample:
		return Example
	}
	return Unknown
}

// judgeLoaded decides on a candidate whose name says nothing and that processes
// load by default: production, unless something else is what production loads.
func (c *candidate) judgeLoaded(group []*candidate) {
	for _, other := range group {
		if other == c || other.tier != Production || other.nature != StageProduction && !other.deployed() {
			continue
		}
		switch dev := c.takesOver(group, Development); {
		case dev != nil && !c.bases[other.path]:
			c.because(Development, Reason{Text: "it takes over `" + dev.name() + "`"})
			return
		case other.bases[c.path] && c.class == other.class:
			c.because(Unknown, Reason{Path: other.path, Text: "`" + other.name() + "` is built on it and is what production loads"})
			return
		case len(c.settings.known) == 0 && slices.Contains(c.settings.stars, other.path):
			c.because(Unknown, Reason{Text: "it sets nothing itself, and takes over `" + other.name() + "` in production"})
			return
		case !c.has([]claimKind{claimServed, claimCelery}, "", StageProduction) && (len(other.claims) > 0 || c.class == ""):
			c.because(Unknown, Reason{Path: other.path, Text: "`" + other.name() + "` is what production loads"})
			return
		}
	}
	c.because(Production, Reason{})
}

// takesOver returns a candidate of a tier that c imports everything of, or nil.
func (c *candidate) takesOver(group []*candidate, tier Tier) *candidate {
	for _, other := range group {
		if other != c && other.tier == tier && slices.Contains(c.settings.stars, other.path) {
			return other
		}
	}
	return nil
}

// judgeBuiltOn lets a candidate that nothing else tells about follow what it is
// built on.
func (c *candidate) judgeBuiltOn(group []*candidate) {
	for _, other := range group {
		if other != c && c.bases[other.path] && (other.tier == Development || other.tier == Test) && other.nature != "" {
			c.because(other.tier, Reason{Text: "it is built on `" + other.name() + "`"})
			return
		}
	}
}

func (c *candidate) name() string {
	if c.class != "" {
		return c.module + ":" + c.class
	}
	return c.module
}
