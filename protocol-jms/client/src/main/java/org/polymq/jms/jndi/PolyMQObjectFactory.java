/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.jndi;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQQueue;
import org.polymq.jms.PolyMQTopic;

/**
 * Makes connection factories and destinations from the references that a naming service keeps of them; also from those
 * that an application server is configured with: address {@code url} of a connection factory, {@code name} of a
 * destination.
 */
public final class PolyMQObjectFactory implements ObjectFactory {
    /** For the naming service, which makes it by name. */
    public PolyMQObjectFactory() {}

    @Override
    @SuppressWarnings("JdkObsolete") // The interface asks for Hashtable.
    public @Nullable Object getObjectInstance(
            Object object, @Nullable Name name, @Nullable Context context, @Nullable Hashtable<?, ?> environment) {
        if (!(object instanceof Reference reference)) {
            return null;
        }
        String type = reference.getClassName();
        if (type.equals(PolyMQQueue.class.getName())) {
            return new PolyMQQueue(address(reference, "name"));
        } else if (type.equals(PolyMQTopic.class.getName())) {
            return new PolyMQTopic(address(reference, "name"));
        } else if (type.equals(PolyMQConnectionFactory.class.getName())
                || (type.startsWith("jakarta.jms.") && type.endsWith("ConnectionFactory"))) {
            return new PolyMQConnectionFactory(address(reference, "url"));
        }
        return null;
    }

    private static String address(Reference reference, String type) {
        RefAddr address = reference.get(type);
        if (address == null || address.getContent() == null) {
            throw new IllegalArgumentException(
                    "a reference to a " + reference.getClassName() + " needs '" + type + "'");
        }
        return address.getContent().toString();
    }
}
