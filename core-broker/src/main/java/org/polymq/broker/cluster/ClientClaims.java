/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

/**
 * Which gateway has which MQTT client, so that a gateway whose stream to the client's home group stands still hears
 * that the client is elsewhere. The home group decides who has the client: a claim only passes on what it has decided.
 * Safe from any thread; nothing here blocks.
 */
public interface ClientClaims {
    /**
     * A client wants to come in. To be called before its CONNECT goes to the home group: so it is known later whether
     * another claim was held before, or came at the same time, in which case only the home group knows who is last.
     *
     * @param taken told once at most, on a thread of the grid, when another connection holds the client that asked for
     *     it after this one held it: this one has to be closed with 0x8E
     */
    Claim begin(String clientId, Runnable taken);

    /** Of a gateway that has nobody to tell. */
    static ClientClaims untold() {
        return (clientId, taken) -> Claim.UNTOLD;
    }

    /** One connection's. */
    interface Claim {
        /** A claim that nobody hears of. */
        Claim UNTOLD = new Claim() {
            @Override
            public void hold() {}

            @Override
            public void release() {}
        };

        /** The home group has let the client in. */
        void hold();

        /** The connection is over; does nothing the second time. */
        void release();
    }
}
