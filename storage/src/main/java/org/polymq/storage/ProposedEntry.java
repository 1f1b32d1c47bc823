/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.List;

/** The requests that wait for one entry of the group. Used once: applied or refused. */
public final class ProposedEntry {
    private final List<AppendRequest> requests;
    private final Runnable over;

    ProposedEntry(List<AppendRequest> requests, Runnable over) {
        this.requests = requests;
        this.over = over;
    }

    List<AppendRequest> requests() {
        return requests;
    }

    /** Its fate is known. */
    void end() {
        over.run();
    }

    /** Tells the requests that they are not stored, or that it is unknown whether they are. */
    public void refuse(StorageException cause) {
        over.run();
        requests.forEach(request -> Requests.fail(request, cause));
    }
}
