import { KeysError } from '@meshid/keys'

/** The code of the KeysError that `act` throws; anything else fails the test. */
export function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return codeOfError(error)
  }
  return 'nothing was thrown'
}

/** The code of the KeysError that a promise rejects with. */
export async function codeOfAsync(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
  } catch (error) {
    return codeOfError(error)
  }
  return 'nothing was thrown'
}

function codeOfError(error: unknown): string {
  if (error instanceof KeysError) return error.code
  throw error
}

/** Bytes from hexadecimal digits. */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** A key that was made for these tests with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`. */
export const RSA_2048_PEM = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCFgrylVNf3ym91
sMJ4RfO0yA5iIQju4HPDGCYQ8fZczRrVS/BeCrNA+8wEISPjs75IVx9p8otiyo7M
eY8y4yEZIwjuHj/0V9j4MJ3VFT4UvKNVmdBYZ88qNAll9hWopyqZQF/P6YI6gLyr
Dfij7oZI3B/V4KSMkfQzzr2dQQATppplHjMxxK4BmQ2m4Bkv0zQKAADdf8jjORJc
yKeqJLuxWMSxZx3MEJ2VERiZKw96fRVxbyZNHqq4IZXKkrYoLVmSjMteo3f9hwkD
iWq5lLFR6r7UvYoelILwfkOqpBpwAEWhtHXgjUww77mm22Ki1Ki4OJY+utMdJi6X
m3OTu45fAgMBAAECggEACJQ5jN3gB6qkVeB3CyVQtgWnfBhQndl9r/HW8hDNqDsS
CmiO3Nr8vC1R5Yrj5rUrJqIjHI0WP2Px+4fIaeqczTYzeKEDslNnoNOuWKuF/BHa
Ld1RBlVAMR9pUAxQIPm469A3gQqXQuPUIFhNaVhq5ZJdxZ1PjqyLIhlj3jQujgJS
ylVxCmmXq7dSG0vhhkqqdWNnB01kOyGQzy4aPZN1SUlgSCRt2lLx4/0QB0wjN2TQ
5BCRk1+gM3n7X7zd7X9IoGjsVLy1rwvjdHjlb1mWK7AV3AvUR0Pc9hX+1RQ0QT9K
DQ7M+TgYqOyZHyg7lPi+jMAwyTlQnqi3T6jvK9MykQKBgQC5cuZyf/nBCTtrcZjK
eYYnsGO8dmhFmv7njcHea2DtFx6FnjPjL6GBMUpWUvQFrpQ6klh9LLAFyeMWqI0N
LCYs5TzmmhofYyq9QlQcs5V4zfAZMqIzQ82fpmUexxRjQe6eBXiCorUmB9jwb9z5
V5AxVqhtEmu/ZflJnEsuMzR5LwKBgQC4TYPD6qQCt/aqgNC3iLosRBB/nxoK0iaJ
IH2VWrY96ngfRr3aMPppTC3/KxsFmry1WpYEGAbOUoy1MTslMg67I8jYzLkrxafx
2a9t0aw6YQbPkgQvQLjQcF5COWqdAimu9BbU4mltZGZsKzWZNu0mFnSWAWpVX+4N
Z+v7ZI+R0QKBgQCAmElumomQrxsyDSqbNJuvh+QROrZhlfIulSEbX7Btl7uFgkeO
wWen04stwwYNrpqA5xxPaJ6C1RUQkD6HJNcwCKIrci6tFzH63TTAVlNO2tckUfUh
wWGj1FmIdxoPHhgeIcMIK1WcEpL/X0KG8I4/eE0AnWZz6X1s6uFDHyTC5wKBgEYZ
fZekBJPgItsBOeHFCILTtK7F9iLNgcjAaePH5+8u4leLEaUO4f/w8MHQRGviSgp0
lQCjntsU/N3iBswD+SRm3PrRC1FB0bokgRw1FtvxkaSbtim+5UyqoL9xlUJ40x/v
SUvZfh4UhPx5ht5qzNKi0d9IVIh6f1HsCA7LVewxAoGBAJvera2mFbbAGBIssauk
qhigMeKiD/46NNT8zwuwVsLB2LM+3c+XRbgiNWqP444VSbzD7LMDTmjOBTZGjKIk
cDq69Jni47cHgYnLVpSN118L4fy/kBO2qLb2Via9kN66lMRxj+3jba930gj4+LVw
CQLjQSV3F09hzC8TabNyKXcF
-----END PRIVATE KEY-----
`
