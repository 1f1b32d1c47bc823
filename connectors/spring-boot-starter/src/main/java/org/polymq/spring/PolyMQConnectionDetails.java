/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/** Where an application connects to. A bean of this type takes the place of the properties, as tests like to do. */
public interface PolyMQConnectionDetails extends ConnectionDetails {
    /** {@code polymq://host:port?option=value}. */
    String getUrl();

    /** Who logs in; null: the user in the URL, or nobody. */
    @Nullable
    String getUser();

    /** That user's password. */
    @Nullable
    String getPassword();
}
