namespace SoftIov.Lab.Nvme;

/// <summary>What Identify asks for (NVMe base 2.0, 5.17.1).</summary>
public enum IdentifyCns : byte
{
    /// <summary>A namespace.</summary>
    Namespace = 0x00,

    /// <summary>The controller.</summary>
    Controller = 0x01,

    /// <summary>Attached namespaces, those with ids above the one given.</summary>
    ActiveNamespaces = 0x02,

    /// <summary>Identification descriptors of a namespace.</summary>
    NamespaceDescriptors = 0x03,

    /// <summary>A namespace, by command set.</summary>
    CommandSetNamespace = 0x05,

    /// <summary>The controller, by command set.</summary>
    CommandSetController = 0x06,

    /// <summary>Attached namespaces of a command set.</summary>
    CommandSetActiveNamespaces = 0x07,

    /// <summary>A namespace, whatever its command set.</summary>
    IndependentNamespace = 0x08,

    /// <summary>Allocated namespaces, those with ids above the one given.</summary>
    AllocatedNamespaces = 0x10,

    /// <summary>A namespace, attached or not.</summary>
    AllocatedNamespace = 0x11,

    /// <summary>Controllers that a namespace is attached to, from the id given on.</summary>
    AttachedControllers = 0x12,

    /// <summary>Controllers of the subsystem, from the id given on.</summary>
    Controllers = 0x13,

    /// <summary>Primary controller capabilities.</summary>
    PrimaryCapabilities = 0x14,

    /// <summary>Secondary controllers, from the id given on.</summary>
    SecondaryControllers = 0x15,
}
