namespace SoftIov.Memory;

/// <summary>Who has the table of an IOMMU of which a domain's map is a cache.</summary>
public interface ITranslationSource
{
    /// <summary>
    /// An access waits for the translation of this address, which is to be put into the domain by <see cref="DmaDomain.Cache"/>; whoever
    /// waits asks again and again until it is there. Any thread, pollers among them: returns at once.
    /// </summary>
    void Ask(ulong iova, DmaAccess access);
}
