package secrets

import (
	"context"
	"strings"
	"testing"
)

// BenchmarkScan reads a Django-like mix: the files of the corpus, each between
// code without secrets, 16 KB a file.
func BenchmarkScan(b *testing.B) {
	s := newTestScanner(b)
	filler := strings.Repeat(`
def refund_order(request, order_id, token=None):
    order = get_object_or_404(Order.objects.select_related("customer"), pk=order_id)
    # the test_ prefix and the api- prefix stand in many tasks, asks and risks
    if not order.may_be_refunded(request.user):
        raise PermissionDenied(_("This order cannot be refunded"))
    settings.PAYMENT_KEY = os.environ["PAYMENT_KEY"]
    password = request.POST.get("password")
    return render(request, "orders/refund.html", {"order": order, "access": True})
`, 16)
	type file struct {
		path    string
		content []byte
	}
	var files []file
	size := 0
	for _, c := range corpus() {
		text, _ := c.expand(b)
		f := file{c.path, []byte(filler + text + filler)}
		files = append(files, f)
		size += len(f.content)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			if _, err := s.Scan(context.Background(), f.path, f.content); err != nil {
				b.Fatal(err)
			}
		}
	}
}
