/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/sys.h"
#include "net/engine.h"

static void name_peer(struct conn *x, const struct sockaddr *sa)
{
    const void *address = NULL;
    if (sa && sa->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
    if (sa && sa->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
    if (!address || !inet_ntop(sa->sa_family, address, x->peer, sizeof x->peer))
        memcpy(x->peer, "unix", 5);
}

static gnutls_session_t tls_of(struct MHD_Connection *link)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(link, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return i ? (gnutls_session_t)i->tls_session : NULL;
}

/* In the handshake. The engine would hang up without a word: we say why. */
static int judge_certificate(gnutls_session_t session)
{
    unsigned n = 0, status = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &n);
    bool ok = list && n && gnutls_certificate_verify_peers2(session, &status) == 0 && !status;
    if (ok)
        return 0;
    gnutls_alert_send(session, GNUTLS_AL_FATAL,
                      n ? GNUTLS_A_BAD_CERTIFICATE : GNUTLS_A_CERTIFICATE_REQUIRED);
    return GNUTLS_E_CERTIFICATE_ERROR;
}

/* Before the handshake: a client without a certificate of our CA doesn't get through it. */
static void demand_certificate(struct MHD_Connection *link)
{
    gnutls_session_t session = tls_of(link);
    if (!session)
        return; /* conn_check_cert refuses its first request */
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    gnutls_session_set_verify_function(session, judge_certificate);
}

static struct conn *conn_open(struct http_server *s, struct MHD_Connection *link)
{
    struct conn *x = sys_malloc(sizeof *x);
    if (!x)
        return NULL;
    memset(x, 0, sizeof *x);
    x->server = s;
    pthread_mutex_init(&x->lock, NULL);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(link, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(link, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    x->fd = fd ? fd->connect_fd : -1;
    name_peer(x, peer ? peer->client_addr : NULL);
    atomic_store(&x->phase, PHASE_HEAD);
    atomic_store(&x->since_us, sys_mono_us());
    pthread_mutex_lock(&s->lock);
    x->next = s->conns;
    if (x->next)
        x->next->prev = x;
    s->conns = x;
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->n_conns, 1);
    if (s->o.client_ca_pem)
        demand_certificate(link);
    return x;
}

static void conn_close(struct http_server *s, struct conn *x)
{
    pthread_mutex_lock(&s->lock);
    if (x->prev)
        x->prev->next = x->next;
    else
        s->conns = x->next;
    if (x->next)
        x->next->prev = x->prev;
    bool refused = s->o.client_ca_pem && !x->cert_checked; /* its alert has to arrive, too */
    if (x->linger || refused)
        sweep_linger(s, x->fd);
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_sub(&s->n_conns, 1);
    pthread_mutex_destroy(&x->lock);
    sys_free((void *)(uintptr_t)x->cert.ptr);
    sys_free(x);
}

void conn_notify(void *server, struct MHD_Connection *link, void **conn,
                 enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = server;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *conn = conn_open(s, link);
        atomic_fetch_sub(&s->door.on_the_way, 1);
    } else if (*conn) {
        conn_close(s, *conn);
    }
}

void conn_phase(struct turn *t, enum phase p)
{
    struct conn *x = t->conn;
    int64_t now = atomic_load_explicit(&t->server->tick_us, memory_order_relaxed);
    atomic_store_explicit(&x->since_us, now, memory_order_relaxed);
    atomic_store_explicit(&x->moved, 0, memory_order_relaxed);
    atomic_store_explicit(&x->phase, (int)p, memory_order_release);
}

/* ---- mutual TLS ---- */

static bool keep_cert(struct conn *x, gnutls_session_t session)
{
    unsigned n = 0, status = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &n);
    if (!list || !n || gnutls_certificate_verify_peers2(session, &status) != 0 || status)
        return false;
    uint8_t *der = sys_malloc(list[0].size);
    if (!der)
        return false;
    memcpy(der, list[0].data, list[0].size);
    x->cert = (struct bytes){der, list[0].size};
    return true;
}

enum err conn_check_cert(struct http_server *s, struct conn *x, struct MHD_Connection *link)
{
    if (!s->o.client_ca_pem)
        return OK;
    if (!x->cert_checked) {
        gnutls_session_t session = tls_of(link);
        x->cert_ok = session && keep_cert(x, session);
        x->cert_checked = true;
    }
    return x->cert_ok ? OK : ERR_HTTP_CLIENT_CERT;
}
