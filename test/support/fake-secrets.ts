/**
 * What stands in the repository, is shaped like a secret and is none: its print (`printOf`), and where it comes from. A
 * test that needs one more adds it here, by the print that the scan says.
 */
export const FAKE_SECRETS: Readonly<Record<string, string>> = {
  f23b54485fa38f03: 'the key that the sandbox enters at its simulated Jules',
  a7dffdf3723d5d55: 'a password that no address can have, of the configuration',
  '9d531b81717e36f3': 'a password of a database that is not there',
  '3af29cac1a047051': 'a key of a Supabase that is not there',
  db72338d78059c6e: 'a Jules key, entered in tests of /config and by the two servers',
  '4ebbe859de728e52': 'a public key of RFC 8032',
  '9ee202a85da63321': 'a public key of RFC 8032',
  '8b19a1357d43b8f8': 'a public key of RFC 8032',
  '528a4b5f1fd0c0fd': 'a public key of Wycheproof',
  '723a84158a180c8e': 'a Jules key, listed and removed',
  be1b02ce8366af60: 'a Jules key, sealed and opened',
  b2bc2f5efde9e387: 'a Jules key of the usual letters',
  e29c8033b19d6e1c: 'a Jules key of the whole bot in a test',
  '975ae148d883907e': 'a Jules key of the chaos',
  adebf9b11e05fd61: 'a Jules key of the world of plans in a test',
  '859207eb80d64baf': 'the scrubber: a hexadecimal key',
  '191d6fc5bf85bca9': 'the scrubber: a UUID as a key',
  eddd0f17f915d218: 'the scrubber: an access token in JSON',
  b4f675c4852dbdab: 'the scrubber: a bearer token',
  d778b833de9b5d46: 'the scrubber: a token in a sentence',
  '76880d60191af3b3': 'the scrubber: a password',
  '78314b11be2e5815': "the scrubber: the key of Amazon's own documentation",
  f9890b158b4183f4: 'the scrubber: a password with signs in it',
  '3021d90eb9437b2d': 'how a private key begins, without one',
  '1a5d44a2dca19669': "the key id of Amazon's own documentation",
  '2cf4108b0620341d': 'a private key that is put together of one word again and again',
};
