;; The smallest application of the Calimero ABI: one method, which returns a text. See docs/guide/abi.md.
(module
  (import "env" "value_return" (func $value_return (param i64)))
  (memory (export "memory") 1)
  ;; JSON, since the node's callers speak it.
  (data (i32.const 0) "\22hello\22")
  ;; At 16 what is returned, three numbers of 64 bits: 0 for a success, the address of the bytes, and how many.
  (data (i32.const 32) "\07")
  (func (export "hello") (call $value_return (i64.const 16))))
