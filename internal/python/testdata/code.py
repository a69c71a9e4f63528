from django.db import models, transaction
from celery import shared_task
import requests.sessions


@shared_task(bind=True)
def task(self, a: int, /, b=1, *args, c: str = "x", **kwargs) -> None:
    """Doc."""
    global count
    yield from other()
    return await_(1)


class Order(models.Model, metaclass=Meta):
    NAME = "x"
    total = models.DecimalField(max_digits=10)

    @property
    def url(self):
        return reverse("order", args=[self.pk])

    async def send(self):
        async with session() as s:
            await s.post(URL, timeout=5)
        async for x in y:
            pass
        return [z async for z in y]


match command.split():
    case ["go", direction] if direction:
        requests.get(direction)
    case _:
        pass
print "old"
type Alias = int
x = yield
