// Names the FerretDB that ferretdb.sh builds for tests; go.sum beside it says what must arrive.
module weir.test/ferretdb

go 1.24

require github.com/FerretDB/FerretDB v1.24.2
