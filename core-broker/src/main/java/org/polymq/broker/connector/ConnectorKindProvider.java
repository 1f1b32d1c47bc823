/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

/** Makes a {@link ConnectorKind}; found by {@link java.util.ServiceLoader} in the kind's own directory of jars. */
public interface ConnectorKindProvider {
    /** The word that definitions say: {@code connect}, {@code bridge}. */
    String name();

    /** Opens the kind, once for a process. */
    ConnectorKind open(ConnectorSettings settings);
}
