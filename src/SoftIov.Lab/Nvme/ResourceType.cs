namespace SoftIov.Lab.Nvme;

/// <summary>RT of Virtualization Management (NVMe base 2.0, 5.28).</summary>
public enum ResourceType
{
    /// <summary>VQ: pairs of queues, the admin pair among them.</summary>
    Queue = 0,

    /// <summary>VI: interrupt vectors.</summary>
    Interrupt = 1,
}
