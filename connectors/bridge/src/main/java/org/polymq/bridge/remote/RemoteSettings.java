/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a remote broker.
 *
 * @param bridge the bridge's name
 * @param url as the operator wrote it
 * @param user null for none
 * @param password null for none
 * @param tls whether and how connections are encrypted
 * @param qos 0 to 2
 * @param window most messages in flight on one connection
 * @param maxMessageSize bytes of a body
 * @param options what the protocol alone knows, without its prefix
 */
public record RemoteSettings(
        String bridge,
        String url,
        @Nullable String user,
        @Nullable String password,
        RemoteTls tls,
        int qos,
        int window,
        int maxMessageSize,
        Map<String, String> options) {
    public RemoteSettings {
        options = Map.copyOf(options);
    }

    /** An option of the protocol. */
    public Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    @Override
    public String toString() {
        return "RemoteSettings[" + bridge + ", " + url + "]";
    }
}
