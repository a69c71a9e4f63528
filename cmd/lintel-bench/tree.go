package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// treeBytes is the size of a generated tree: enough that starting a process
// does not count.
const treeBytes = 24 << 20

// plantEvery is how many files hold no secret for one that does.
const plantEvery = 40

// generateTree writes a tree the way a Django project on AWS looks to a
// scanner: Python, Terraform, YAML, JavaScript, some JSON and prose, with the
// words that scanners look for where they stand in real code, and now and then
// a secret. It is the same on every run.
func generateTree(root string) error {
	g := &generator{random: rand.New(rand.NewPCG(1, 2))}
	kinds := []struct {
		share      int
		name       string
		line       func() string
		secretLine func() string
	}{
		{45, "app%d/views_%d.py", g.python, g.pythonSecret},
		{20, "frontend/src%d/module_%d.js", g.javascript, g.javascriptSecret},
		{15, "deploy%d/values_%d.yml", g.yaml, g.yamlSecret},
		{12, "infra%d/resource_%d.tf", g.terraform, g.terraformSecret},
		{8, "docs%d/page_%d.md", g.prose, g.prose},
	}
	written := 0
	for n := 0; written < treeBytes; n++ {
		pick := g.random.IntN(100)
		for _, k := range kinds {
			if pick -= k.share; pick >= 0 {
				continue
			}
			var b strings.Builder
			size := 1<<10 + g.random.IntN(40<<10)
			for b.Len() < size {
				b.WriteString(k.line())
				b.WriteByte('\n')
				if n%plantEvery == 0 && b.Len() > size/2 && b.Len() < size/2+100 {
					b.WriteString(k.secretLine() + "\n")
				}
			}
			path := filepath.Join(root, fmt.Sprintf(k.name, n%37, n))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				return err
			}
			written += b.Len()
			break
		}
	}
	return nil
}

type generator struct{ random *rand.Rand }

var (
	nouns = strings.Fields("order customer product invoice payment address session account user token category shipment " +
		"basket discount review message setting report export import task worker queue event signal field model form " +
		"template request response header cookie query filter page index table column key value price stock warehouse")
	verbs = strings.Fields("get create update delete list find render send check validate parse load save build make " +
		"calculate assign notify cancel refund ship archive publish resolve collect apply merge split")
)

func (g *generator) noun() string { return nouns[g.random.IntN(len(nouns))] }
func (g *generator) verb() string { return verbs[g.random.IntN(len(verbs))] }

func (g *generator) pick(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[g.random.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	digits   = "0123456789"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	letters  = "abcdefghijklmnopqrstuvwxyz" + capitals
)

// oneOf formats one of several lines. Every %n is a noun, every %v a verb.
func (g *generator) oneOf(lines ...string) string {
	line := lines[g.random.IntN(len(lines))]
	for strings.Contains(line, "%n") {
		line = strings.Replace(line, "%n", g.noun(), 1)
	}
	for strings.Contains(line, "%v") {
		line = strings.Replace(line, "%v", g.verb(), 1)
	}
	return line
}

func (g *generator) python() string {
	return g.oneOf("", "def %v_%n(request, %n_id, %n=None):", "    %n = %n.objects.filter(%n=%n, is_active=True).select_related('%n')",
		"    # %v the %n before the %n is %vd, see the task for %n", "    return render(request, '%n/%n_%v.html', {'%n': %n})",
		"class %n%n(models.Model):", "    %n = models.ForeignKey('%n', on_delete=models.CASCADE, related_name='%ns')",
		"        if self.%n.%n_id and not %n.get('%n_key'):", "            raise ValidationError(_('The %n has no %n'))",
		"    settings.%n_%n = os.environ['%n_%n']", "from shop.%n.%n import %v_%n, %v_%n", "    api_token = self.%n.get_token(%n)",
		"    password = request.POST.get('password')", "    logger.info('%vd %n %s for %n %s', %n.pk, %n.pk)", "    assert response.status_code == 200",
		"    %n_key = f'%n:{%n.pk}:%n'", "        'access': %n.access, 'secret': None, 'auth': (%n, %n),")
}

func (g *generator) pythonSecret() string {
	switch g.random.IntN(4) {
	case 0:
		return "AWS_ACCESS_KEY_ID = '" + "AK" + "IA" + g.pick(capitals+"234567", 16) + "'"
	case 1:
		return "SECRET_KEY = '" + g.pick(letters+digits+"!@#%^&*(-_=+)", 50) + "'"
	case 2:
		return "DATABASES['default']['PASSWORD'] = '" + g.pick(letters+digits, 11) + "'"
	}
	return "SENDGRID = '" + "S" + "G." + g.pick(letters+digits, 22) + "." + g.pick(letters+digits, 43) + "'"
}

func (g *generator) javascript() string {
	return g.oneOf("", "import { %v%n } from '../%n/%n';", "export function %v%n(%n, %n) {", "  const %n = await fetch(`/api/%n/${%n.id}/`, { headers });",
		"  return %n.map((%n) => ({ ...%n, key: %n.id, token: %n.token }));", "  // %v the %n", "  if (!%n || %n.%n === '%n') {",
		"  dispatch({ type: '%n/%v', payload: { %n, %n } });", "  const [%n, set%n] = useState(null);", "      <%n key={%n.id} on%v={() => %v%n(%n)} />")
}

func (g *generator) javascriptSecret() string {
	return "const stripe = new Stripe('" + "sk" + "_live_" + g.pick(letters+digits, 24) + "');"
}

func (g *generator) yaml() string {
	return g.oneOf("%n:", "  %n: %n", "  - name: %n-%n", "    value: \"%n\"", "      image: registry.shop.io/%n:1.4.2", "  # %v the %n of the %n",
		"      secretKeyRef: {name: %n, key: %n}", "    run: ./bin/%v %n --%n ${{ secrets.%n }}", "      POSTGRES_PASSWORD: ${%n_PASSWORD}", "  replicas: 3")
}

func (g *generator) yamlSecret() string {
	return "      DATABASE_URL: postgres://shop:" + g.pick(letters+digits, 14) + "@db.shop.io:5432/shop"
}

func (g *generator) terraform() string {
	return g.oneOf("", "resource \"aws_%n_%n\" \"%n\" {", "  %n = var.%n_%n", "  %n_id = aws_%n.%n.id", "}", "  tags = { Name = \"%n-%n\" }",
		"  password = var.%n_password", "  %n = \"${local.%n}-%n\"", "variable \"%n_%n\" {", "  description = \"The %n of the %n\"", "  type = string",
		"  # %v the %n", "  subnet_ids = [for s in aws_subnet.%n : s.id]")
}

func (g *generator) terraformSecret() string {
	return "  master_password = \"" + g.pick(letters+digits, 13) + "\""
}

func (g *generator) prose() string {
	return g.oneOf("", "To %v the %n, first %v the %n and its %n.", "## The %n of a %n", "- `%v_%n` takes a %n and a %n", "    python manage.py %v_%n --%n=%n",
		"Every %n has a %n; see [the %n](../%n/%n.md) for how to %v it.", "The API wants a token in the header, never the password of the %n.")
}
