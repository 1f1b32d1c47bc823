/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who may do what: one set of users, permissions and decisions for all protocols.
 *
 * <pre>
 * adapter -- Credentials --> Authenticator -- Access --> adapter keeps it for the connection
 *                                 |                         | publish, subscribe, group, manage ...
 *                            AccountsView &lt;---- rules ---- Authorizer.decide(principal, action, resource)
 *                            (the log's records)            | denied: NO_PERMISSION and a line in the audit log
 * </pre>
 *
 * <p>With {@code security.enabled: false} the same calls allow everything to the anonymous principal.
 */
@NullMarked
package org.polymq.broker.security;

import org.jspecify.annotations.NullMarked;
