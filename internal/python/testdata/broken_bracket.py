A = 1
B = {"default": {"ENGINE": "x", }
C = 3

def f():
    return 1

D = os.environ["D"]
