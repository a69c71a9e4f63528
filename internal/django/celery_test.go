package django

import "testing"

func TestCeleryNamespace(t *testing.T) {
	const app = "from celery import Celery\napp = Celery(\"shop\")\n"
	for name, c := range map[string]struct {
		code  string
		want  string
		known bool
	}{
		"namespace":       {app + "app.config_from_object(\"django.conf:settings\", namespace=\"CELERY\")\n", "CELERY", true},
		"none":            {app + "app.config_from_object(\"django.conf:settings\")\n", "", true},
		"settings object": {"from django.conf import settings\n" + app + "app.config_from_object(settings, namespace=\"SHOP\")\n", "SHOP", true},
		"other object":    {app + "app.config_from_object(\"shop.celeryconfig\")\n", "", false},
		"variable":        {app + "app.config_from_object(\"django.conf:settings\", namespace=NAME)\n", "", false},
		"of the app":      {"from celery import Celery\napp = Celery(\"shop\", namespace=\"CELERY\")\napp.config_from_object(\"django.conf:settings\")\n", "", false},
		"two": {app + "app.config_from_object(\"django.conf:settings\")\napp.config_from_object(\"django.conf:settings\", namespace=\"CELERY\")\n", "",
			false},
		"no app": {"import celery\n", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			v := link(t, map[string]string{"shop/celery.py": c.code}, Options{}).Facts().Get("celery_namespace")
			if known := len(v.Missing) == 0; known != c.known || v.Text != c.want {
				t.Errorf("the namespace is %q (known: %v), want %q (known: %v)", v.Text, known, c.want, c.known)
			}
		})
	}
}
