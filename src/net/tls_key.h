/* SPDX-License-Identifier: Apache-2.0 */
/* Inside net/ only: TLS with a private key that lies elsewhere (http.h, struct tls_key). */
#ifndef DINH_NET_TLS_KEY_H
#define DINH_NET_TLS_KEY_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <openssl/ssl.h>

#include "net/http.h"

/* ---- server (GnuTLS): found by the port a connection came to ---- */
/* False: the certificate can't be read. */
bool tls_identity_add(const char *cert_pem, const struct tls_key *key, int port);
void tls_identity_drop(int port); /* none there: nothing */
int tls_identity_find(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
                      const gnutls_pk_algorithm_t *kinds, int n_kinds, gnutls_pcert_st **ret_certs,
                      unsigned *ret_n, gnutls_privkey_t *ret_key);

/* ---- client (OpenSSL) ---- */
bool tls_key_use(SSL_CTX *ssl, const char *cert_pem, const struct tls_key *key);

#endif
