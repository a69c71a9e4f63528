A = 1
<<<<<<< HEAD
E = 4
=======
E = 5
>>>>>>> branch
B = 2
