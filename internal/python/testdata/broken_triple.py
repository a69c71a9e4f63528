A = 1
B = """open
C = 3
