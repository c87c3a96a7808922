module ndx.example/verify

go 1.19
