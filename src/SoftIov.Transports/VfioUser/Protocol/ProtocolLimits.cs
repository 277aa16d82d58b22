using SoftIov.Memory;

namespace SoftIov.Transports.VfioUser;

/// <summary>What this server announces, and what it therefore takes.</summary>
internal static class ProtocolLimits
{
    /// <summary>max_data_xfer_size: bytes of data in one message. Clients fetch configuration space in one read of 4096.</summary>
    public const int Transfer = 65536;

    /// <summary>The least max_data_xfer_size a client may announce: a page.</summary>
    public const int LeastTransfer = 4096;

    /// <summary>max_msg_fds: QEMU refuses servers that announce more than 16.</summary>
    public const int Descriptors = 16;

    /// <summary>max_dma_maps.</summary>
    public const int Mappings = DmaDomain.MaximumMappings;

    /// <summary>Smallest page of pgsizes.</summary>
    public const int PageSize = 4096;

    /// <summary>Bytes of a message: the largest data, and room for the largest structure before it.</summary>
    public const int Message = Transfer + 64;

    /// <summary>Bytes of JSON in VERSION; what clients send is about 200.</summary>
    public const int Json = 4096;
}
