"""The words that are signs of spam, in the languages that spam is written in.

They were collected by what spam is about, not taken from a set of spam: work at home, loans, coins
and stakes, pills, spells, essays and papers, company, followers, prizes, chain letters, the praise
that is pasted under every article. What people in the news are called by themselves (loans,
investment, followers, casinos) is a weaker sign than the phrases of those who sell it.
"""

# ruff: noqa: RUF001 - words of many alphabets

from __future__ import annotations

TERMS = {
    "messenger": """
        telegram*, whatsapp*, whats app, watsapp, wechat, viber, snapchat, kik, skype, zalo,
        hangouts, google chat, dm me, pm me, dm us, in dm, my dm, dm for, dm to, inbox me, my
        inbox, inbox now, message me, text me on, text me at, text her, text him, text us, contact
        me, contact him, contact her, contact us, contact them, contact now, reach me, reach him,
        reach her, reach out to him, reach out to her, reach us, write me, write to me, mail me,
        email me, email him, email her, email us, hit me up, add me on, call or text, call or
        whatsapp, schreib mir, schreibt mir, schreiben sie mir, kontaktiere mich, kontaktieren
        sie, melde dich bei mir, meldet euch bei mir, per pn, schick mir eine, anfragen per,
        contactez moi, contactez nous, contactez le, contacte moi, ecrivez moi, ecris moi, ecrire
        en prive, en prive, en mp, mp moi, escribeme, escribanme, escribeles, escribanle,
        escribele, contactame, contactanos, contactenos, mandame mensaje, al privado, por interno,
        responde por, me chama, chama no, chame no, no zap, pelo zap, whats da, scrivimi,
        scrivetemi, contattami, contattatemi, contattateci, contattare via, in privato, napisz do
        mnie, pisz na, napisz na, na priv, wiadomosc prywatna, bana yaz*, dm den, dmden, ozelden,
        ozele, ulasin, iletisime gec*, wasap, hubungi kami, hubungi wa, hubungi saya, hub wa, chat
        wa, wa kami, inbox saya, nhan tin cho, inbox minh, ib minh, stuur me, stuur mij, prive
        bericht, contactati, scrieti mi, scrie mi, in privat, napis mi, napiste mi, kontaktujte,
        пишите в лс, пиши в лс, в лс, в личк*, в личные сообщения, в личное сообщение, в директ,
        пишите мне, пиши мне, мне в личн*, пиши +, отпишите, телеграм*, телеграмм*, телегу, тг
        канал*, ватсап*, вотсап*, вайбер*, пишіть в, пиши в особист*, в особисті, в приват,
        телеграмі, واتساب, واتس اب, واتس, تلغرام, تليجرام, راسلني, راسلنا, تواصل معي, تواصل معنا,
        للتواصل, على الخاص, تلگرام, واتساپ, دایرکت, پیام دهید, پیام بدید, تماس بگیرید, व्हाट्सएप*,
        टेलीग्राम, संपर्क करें, मैसेज करें, 微信, 加微, 加我, 加qq, 扣扣, 私聊, 私信, 电报,
        联系我, ライン追加, line登録, line追加, dmください, 連絡ください, 카톡, 텔레그램, แอดไลน์,
        ทักไลน์, ติดต่อ, lien he zalo, lien he ngay, lien he so, lien he em, на почту мне, 카톡
        문의, 문의주세요
        """,
    "profile": """
        share our song*, share my song*, share my video*, share my music,
        my channel*, our channel*, my chanel, my chanell, my youtube, my new video*, my latest
        video*, my first video*, our new video*, my video on, my vid, my vids, my cover*, my
        remix*, my rap*, my raps, my mixtape, my new song*, my new single, my new track*, my
        latest track*, my soundcloud, my spotify, my twitch, my tiktok, my onlyfans, my album, my
        playlist, my etsy, my fanpage, my patreon, subscribe to my, subscribe to me, subscribe to
        us, subscribe to our, subscribe to this, subscribe my, subscribe me, subscribe our,
        subscribe for, subscribe please, subscribe pls, subscribe plz, subscribe and, subscribe
        back, please subscribe, pls subscribe, plz subscribe, and subscribe, like and subscribe,
        sub to, sub to me, sub me, sub back, sub 4 sub, sub for sub, sub4sub, subs for subs, 1k
        subs, more subs, follow for follow, f4f, follow back, followback, check out our, check out
        my, check me out, check my channel, check my page, check my profile, check my song*, check
        my music, check my video*, check our, check out the channel, check out his channel, check
        out her channel, visit my, visit our, follow us, follow my, like my page, like my video*,
        like our page, look at my channel, look at my page, look at my video*, click my, see my
        bio, in my bio, in bio, link in bio, link in my, link in profile, link in the bio, bio
        link, link in description, new channel, small channel, small youtuber, new youtuber, i m a
        youtuber, aspiring artist*, upcoming artist*, upcoming rapper*, unsigned artist*,
        independent artist*, i make beats, i make music, i make videos, i upload videos, i do
        covers, i just uploaded, just uploaded, just dropped, out now on, give me a chance, give
        us a chance,  have a listen to my, support my channel, support me by,
        support a small, thumbs up if, thumbs up this, like if you, don t skip, help me reach,
        uploaded on my, mein kanal, meinen kanal, mein profil, meinem profil, meinen blog, mein
        blog, meinem kanal, meinem blog, auf meiner seite, meine homepage, meiner homepage, meinen
        shop, abonniert mich, folgt mir, folge mir, schaut vorbei, schau vorbei, link im profil,
        link in der bio, mon profil, ma chaine, mon blog, mon site, ma page, notre site, abonne
        toi, suivez moi, lien en bio, lien dans ma, mi canal, mi perfil, mi pagina, nuestro canal,
        suscribete, suscribanse, suscribansen, siganme, sigueme, link en mi, enlace en mi, link en
        la bio, meu canal, meu perfil, minha pagina, meu instagram, meu video, inscreva se, se
        inscreve, se inscrevam, me segue, me sigam, sigo de volta, link na bio, il mio canale, mio
        profilo, mia pagina, iscriviti, iscrivetevi, seguimi, seguitemi, link in descrizione, moj
        kanal*, mojego kanalu, moj profil*, subskrybuj*, zapraszam na moj, link w profilu, link w
        bio, kanalima, kanalimi, profilime, profilimde, abone ol*, takip edin, takipe takip, link
        profilde, saluran saya, channel saya, follow akun, link di bio, cek bio, dang ky kenh,
        kenh cua minh, ghe kenh, mijn kanaal, abonneer, volg mij, volg me, canalul meu, abonati
        va, odebirejte, muj kanal, мой канал*, моем канале, моего канала, мой профиль, моем
        профиле, мой блог, моем блоге, подпишись, подпишитесь, подписывайся, подписывайтесь,
        подписаться, наш канал*, нашем канале, нашу группу, мою группу, ссылка в профиле, в
        описании профиля, в шапке профиля, мій канал, підпишись, підпишіться, підписуйтесь, мого
        каналу, наш канал, قناتي, قناتنا, تابع حسابي, صفحتي, اشترك, اشتركوا, تابعني, تابعوني,
        کانال من, پیج من, فالو کنید, मेरे चैनल, मेरा चैनल, सब्सक्राइब, 我的频道, 我的主页,
        主页有, 关注我的, チャンネル登録, 私のチャンネル, プロフィールから, 구독, 제 채널, ช่องของผม,
        abonniert meinen, abonniert unseren, link in my bio, abonnez vous a ma, abonne toi a ma,
        give my page, give my channel, give my song, give my music, i rap, i sing covers, follow
        me on, follow me at, subscribe if, subscribe u, subscribe you, i will subscribe, will sub
        you, sub you back, more subscribers, my subscribers, subscribers by, subscribers please,
        suscribe to, please suscribe, check out this playlist*, check out this video on, check out
        this channel
        """,
    "own": """
        like and share, share and like, share our, please like, also check out, take a look at
        this video, look at this video,
        my page, my profile, my blog, my website, my web site, my site, my homepage, my shop, my
        store, my instagram, my insta, my facebook, my twitter, my music, my song*, my video*, our
        page, subscribe, check out this, check out the, check this out, check it out, checkout
        this, look at my, a listen, tune in, unsere seite, unseren shop, meine seite, meiner
        seite, мой сайт, نحن نقدم, add me, new here, link below, show some love, like this
        comment, vote for me, vote for my, our website, our shop, our store, our music, our
        videos, abonnez vous, follow me, would mean the world, link in comment*, like us on, don t
        ignore this, keep posting, dms are open
        """,
    "ware": """
        sportsbook, roulette, free spins, freespins, slot gacor, slots online, online slots,
        online casino*, casino bonus, best casino*, casino online, play casino, welcome bonus,
        deposit bonus, no deposit, betting tips, betting site*, bet now, fixed match*, sure odds,
        vip group, vip channel, vip tips, wettanbieter*, wettbonus, freispiele, apuestas online,
        apuestas deportivas, tragamonedas, apostas online, apostas esportivas, jogo do tigrinho,
        scommesse online, giri gratis, bahis*, deneme bonus*, bonus veren, kacak iddaa, canli
        bahis, zaklady bukmacherskie, judi online, togel, situs slot, daftar sekarang, slot
        online, nha cai, ca cuoc, keo bong, soi cau, казино онлайн, онлайн казино, фриспин*,
        ставк* на спорт, букмекер*, договорн* матч*, арбитраж* трафик*, btc, usdt, airdrop*, buy
        bitcoin*, buy crypto*, free bitcoin*, free crypto*, bitcoin mining, crypto mining, crypto
        trad*, crypto invest*, crypto signal*, trading crypto, trade crypto, bitcoin invest*,
        bitcoin trad*, free signals, forex*, binary option*, trading signal*, trading bot*,
        trading platform*, trading expert, account manager, expert trader, professional trader,
        professional broker, copy trading, presale, whitelist*, token sale, wallet recovery,
        recovery expert*, recover your, recover my, recovered my, получ* крипт*, криптовалют*,
        биткоин*, форекс, трейдинг*, арбитраж* крипт*, цифров* валют*, цифров* актив*,
        kryptowaehrung*, kryptowaehrungen, krypto trading*, inversiones en cripto*, criptomonedas,
        criptomoedas, criptovalute, kripto para*, viagra, cialis, levitra, kamagra, виагр*,
        modafinil, weight loss, lose weight, diet pill*, diet plan, keto gumm*, keto diet,
        slimming*, burn fat, belly fat, male enhancement, cbd oil, cbd gumm*, miracle cure,
        natural remed*, herbal cure*, herbal medicine*, herbal remed*, herbalist, cure diabetes,
        cures diabetes,  hiv cure, one weird trick, doctors hate, without prescription,
        no prescription, online pharmacy, abnehmen mit, kilo abgenommen, rezeptfrei, penis
        enlargement, sans ordonnance, perdre du poids, perte de poids, sin receta, bajar de peso,
        adelgazar, emagrec*, sem receita, senza ricetta, dimagrire, odchudzanie, bez recepty,
        zayiflama, kilo ver*, obat kuat, obat herbal, pelangsing, giam can, без рецепта, похуден*,
        payday loan*, personal loan*, business loan*, quick loan*, instant loan*, urgent loan*,
        loan offer*, loan company, genuine loan*,   apply for a loan, online
        loan*, loan today, loan approv*, no credit check, no collateral, without collateral,
        interest rate of, need funding, need financing, business financing, debt relief,
        consolidate your debt*, credit repair, fix your credit, kredit ohne, ohne schufa,
        sofortkredit, schnell geld, kredit ab, pret rapide, offre de pret, pret entre, pret d
        argent, prestamo rapido, sin aval, sin buro, negativado*, credito aprovado, prestito
        veloc*, cessione del quinto, kredyt bez, chwilowk*, bez bik, aninda kredi, kredi cek*,
        senetle kredi, dana tunai, dana cepat, tanpa jaminan, cepat cair, vay tien, vay nhanh, vay
        online, geld lenen, zonder bkr, imprumut* rapid*, imprumutur*, fara garant*, микрозайм*,
        деньги под, без залога, кредит онлайн, sexcam*, webcam girl*, cam girl*, hot girls, sexy
        girls, hot singles, lonely single*, lonely lady, lonely women, lonely housewi*, single
        lady, single ladies, serious man, serious relationship, looking for a man, looking for
        man, looking for a sugar, sugar mummy, sugar mommy, sugar daddy, call girl*, callgirl*,
        hookup app*, dating site*, dating app*, dating service*, chatline, chat with me,
        adult dating,
        nude pic*, nudes, my nudes, my pics, xxx video*, porn video*, milf, massage parlo*,
        rencontre coquine, femme cherche, citas calientes, chicas calientes, acompanhantes,
        incontri, anonse towarzyskie, bokep, интим*, эскорт*, проститут*, знакомств*, голые фото,
        голых, обнаж*, 18+ видео, секс чат, backlink*, seo service*, seo expert*, seo agency, seo
        company, guest post*, rank your, rank on google, page of google, website design, web
        development, web hosting, cheap hosting, buy followers, buy free followers, free
        followers, real followers, more followers, gain followers, get followers, buy likes, buy
        views, buy reviews, instagram followers, накрутк*, рассылк*, раскрутк*, продвижени*,
        seguidores gratis, comprar seguidores, takipci*, followers kaufen, follower kaufen,
        acheter des followers, essay writ*, essay service, essays for, write your essay, write my
        essay, write essays, write my paper, assignment help, assignment writ*, homework help, do
        your homework, do my homework, dissertation help, dissertation writ*, thesis writ*, term
        paper*, plagiarism free, ghostwrit*, hausarbeit schreiben, redaction de memoire, trabajos
        academicos, курсов* на заказ, диплом* на заказ, купить диплом, pisanie prac, gucci bag*,
        designer bag*, outlet store, cheap jersey*, ray ban*, yeezy*, cheap flight*, cheap hotel*,
        cheap ticket*, fake passport*, buy passport*, fake id, real and fake,  real
        documents, driver s licence without, drivers license online, id cards, ielts cert*,
        without exam, cloned card*, clone card*, dumps with pin, fullz, fake money, blank atm, atm
        card*, hacking service*, hack service*, hack into, hire a hacker, ethical hacker, genuine
        hacker, hacker for hire, professional hacker, best hacker, spy on your, cheating husband*,
        cheating spouse, cheating partner, cheating wife, phone hack*, права без, документы под,
        обнал*, falschgeld, faux billets, permis de conduire sans, faux papiers, carnet de
        conducir, spell caster*, spellcaster*, love spell*, vashikaran, fortune tell*, psychic
        read*, get your ex, ex back, my ex back, my ex came, lover back, husband back, lost lover,
        money ritual, lottery spell*, lottery numbers, marabout*, retour affectif, retour de l
        etre, etre aime, amarre*, brujo*, vidente, tarot gratis, amarracao*, cartomante*,
        jasnowidz, medyum, pesugihan, приворот*, гадан*, ворож*, شيخ روحاني, جلب الحبيب, طلسم,
        دعانویس, ringtone*, polyphonic, wallpaper*, adf, gift card*, giftcard*, voucher code*,
        promo code*, promocode*, coupon code*, discount code*, gutscheincode*, rabattcode*, code
        promo, codigo promocional, cupom, codice sconto, kod rabatowy, kod promocyjny, kupon kodu,
        indirim kod*, kode promo, скидк*, скидок, промокод*, watch online free, full movie*, movie
        online, free movie*, movie free, hd free, free hd, watch free, live stream free, free
        link, streaming free, free live, iptv, mod apk, apk download, apk mod, crack download,
        serial key, keygen, license key, activation key, free download, download free, pdf free,
        ganzer film, film complet, film streaming, pelicula completa, filme completo, film
        completo, caly film, full izle, nonton film, packers and movers, real estate agent,
        plumber in, movers in, dentist in,  cleaning service*, repair service*, call us
        today, free quote, free consultation, free shipping, worldwide shipping, best price*,
        lowest price*, factory price, купить недорого, от производителя, كازينو, فياجرا, بيتكوين,
        مراهنات, بدون كفيل, تنحيف, تخسيس, بهترین قیمت, وام فوری, وام, شرط بندی, خرید فالوور,
        सट्टा, वशीकरण, 赌场, 博彩, 壮阳, 刷单, 办证, 代写, 代考, 私家侦探, 招嫖,  网赌,
        股票群, 荐股, 出会い系, 即金, ブランドコピー, 토토, 먹튀, 조건만남, บาคาร่า, คาสิโน,
        สล็อต, แทงบอล, เงินกู้, หวยออนไลน์, grand voyant, voyance par, bandar togel, bandar judi,
        продам справк*, справки на, дропы, дипломы на, дипломы без, диплом на заказ, 代开发票,
        开发票, 即日融資, معالج روحاني, روحاني لجلب, prestamos urgent*, prestamo urgent*,
        emprestimo para, emprestimo na, pozyczka bez, pozyczki bez, pinjaman online, pinjaman
        cepat, займ онлайн, займ на карту, prestiti veloci, prestiti tra, replica watch*, replica
        bag*, replica shoes, replica rolex, casino en ligne, casino en linea, cassino online,
        kasyno online, casino siteleri, hot girl*, escort service*, escorts in, independent
        escort*, фальш* руб*, фальшив* купюр*, buy crypto
        """,
    "earning": """
        paid survey*, fast paid, being paid to, surveys from home, take surveys, bucks monthly,
        dollars monthly, without leaving home, zero effort*, 0 effort*,
        makes money online, earn online, earning online, start earning, started earning, earn up
        to, i am earning, i m earning, i get paid, my paycheck, my first paycheck, per hour from,
        quick cash, side hustle, passive income, online income, daily income, daily profit*, daily
        return*, weekly profit*, weekly return*, monthly income, from home job*, jobs from home,
        online job*, online work, part time job*, part time work, copy paste job*, data entry
        job*, no experience needed, no experience required, no experience necessary, on my laptop,
        at my laptop, from my laptop, from my phone, from your phone, be your own boss, minimum
        deposit, minimum investment, invested with, invest with, investment plan*, investment
        platform*, guaranteed profit*, guaranteed return*, returns guaranteed, double your money,
        return on investment, received my profit*, my profit*, made a profit, traded for me,
        trading for me, trades for me, financial freedom, financially free, rich and famous,
        become a millionaire, google is paying, google pay me, google pays, paying me, geld
        verdienen, geld im internet, euro am tag, euro pro tag, am tag nebenbei, nebenbei am,
        nebenverdienst, passives einkommen, finanzielle freiheit, argent facile, travail a
        domicile, revenu passif, euros par jour, par jour depuis, complement de revenu, grace au
        trading, ganar dinero, gana dinero, dinero facil, ingresos extra, ingresos pasivos,
        trabajo desde, dolares al dia, dolares en una semana, experto en inversiones, experta en
        inversiones, gane mis, invirtiendo con, ganhar dinheiro, ganhe dinheiro, renda extra,
        trabalhar em casa, trabalhe em casa, por dia no, reais por dia, guadagnare online,
        guadagna, guadagnare da casa, euro al giorno, lavoro da casa, reddito passivo, praca
        zdalna, praca w domu, zl dziennie, dodatkowy dochod, para kazan*, para kazandir*, evden
        calis*, evden is, ek gelir, ek is, gunluk kazanc, penghasilan tambahan, hasilkan uang,
        kerja dari rumah, kerja online, cuan, kiem tien, viec lam online, viec nhe, lam viec tai
        nha, thuiswerk*, per dag vanuit, vanuit huis, bijverdien*, castiga bani, castigi bani, lei
        pe zi, bani de acasa, vydelavej*, privydelek*, tjana pengar, tjen penge, заработо*,
        заработк*, зарабатыв* от, зарабатывать в, зарабатывай*, пассивн* доход*, доход* в день,
        дополнительн* доход*, подработк*, удаленн* работ*, удаленк*, работа на дому, на дому, от
        18 лет, ищу людей, ищем людей, ищу партн*, ищем партн*, набираю, набор людей, набор в
        команду, набираем, опыт не обязателен, обучение бесплатн*, вывод* сразу, выплат*
        ежедневн*, руб в день, рублей в день, долларов в день, баксов в день, заробіт*, підробіт*,
        грн на день, гривень на день, віддален* робот*, без вкладень, без досвіду, اربح, الربح من,
        العمل من المنزل, العمل من البيت, دخل اضافي, استثمر, ارباح يومية, يوميا من, کسب درآمد,
        درآمد روزانه, کار در منزل, پैसे कमा*, पैसे कमाएं, घर बैठे, पार्ट टाइम,  兼职, 日赚,
        日结, 稳赚, 月入, 日入, 副業, 稼げる, 稼ぐ, 月収, 日給, 在宅ワーク, 不労所得, 부업,
        재택알바, 재택, 고수익, 하루 30만, 투자 정보, รายได้เสริม, ทำงานที่บ้าน, หาเงิน, get paid
        to, getting paid to, paid to work, paid online, make money online, make money from, make
        money with, making money online, earn money online, earn money from, double your bitcoin*,
        double your deposit, work from home job*, work from home and, a day from home, a week from
        home, zarabiaj, требуются сотрудник*, требуются люди, требуются работник*, требуются
        девушки, людей в команду, коллег в команду, партнеров в, партнёров в, сотрудников в,
        ежедневный доход
        """,
    "prize": """
        you have won, you ve won, won a free, you could win, win a free, win an iphone, win free,
        enter to win, comment to win, lucky winner*, lucky draw, winning number, giveaway*, give
        away free, giving away, is giving away, selected to receive, been selected, been chosen,
        was chosen, number was chosen, number has won, claim now, free entry, free gift*, free
        iphone, free ps5, free robux, free v bucks, free trial, free bottle, get one free, 100
        free, first 100, limited time, limited offer, while stocks last, special offer*, exclusive
        offer*, unsubscribe, opt out, stop to, 2 stop, reply stop, t cs, tcs apply, t c s apply,
        150p, p min, per msg, gutschein*, gewinnspiel*, jetzt gewinnen, sie haben gewonnen, du
        hast gewonnen, gagnez un, gagnez des, vous avez gagne, concours gratuit, cadeau gratuit,
        has ganado, ganaste, gana un, sorteio*, voce ganhou, ganhe um, hai vinto, vinci un,
        vincita, wygrales, wygraj, kazandiniz, cekilis*, bedava, anda mendapat*, selamat anda,
        undian, pulsa gratis, kuota gratis, trung thuong, nhan ngay, nhan qua, tang ngay, u heeft
        gewonnen, gratis ontvangen, ati castigat, vyhrali jste, розыгрыш*, выигра* приз*, вы
        выиграли, бонус за регистрац*, забирай*, подарок за, бесплатно получ*, виграли, подарунок,
        مجانا, جائزة, هدية مجانية, فزت, ربحت, مبروك ربحت, برنده شدید, جایزه, लॉटरी, 免费领, 免费,
        中奖, 奖金, 领取, 优惠券, 無料プレゼント, 無料, 당첨, 무료, ฟรี, โบนัส, แจกเงิน, ご当選,
        当選しました
        """,
    "testimony": """
        i was skeptical, i was sceptical, was skeptical at first, thanks to dr, thank you dr, god
        bless you sir, changed my life, turned my life around, never stop talking about, her good
        works, his good works, i can never thank, i highly recommend, highly recommend him, highly
        recommend her, recommend mr, recommend mrs, recommend this man, you can contact, you can
        reach, you can text, you can email, he helped me recover, she helped me recover, helped me
        get my, helped me recover, brought back my, bring back my, came back to me, saved my
        marriage, legit and reliable, 100 legit, 100 legal, legit company, no scam, not a scam,
        this is not a scam, is the best trader, share my testimony, i want to testify, ho
        guadagnato, mi ha aiutato, gracias al senor, gracias a la senora, gracias al doctor, merci
        a monsieur, merci au docteur, je remercie, dank herrn, gracas ao senhor, спасибо доктору,
        شكرا للدكتور, grand voyant, voyant medium, voyance gratuite
        """,
    "chain": """
        copy and paste this, copy paste this, copy this and, paste this to, paste this in, paste
        this on, post this on, post this to, repost this, re post this, repost if, send this to,
        forward this to, forward this message, share this with 10, share this to, share with 10,
        your crush, will kiss you, your mother will die, your mom will die, will be at your bed,
        years of bad, don t break the chain, chain letter, chain message, do not stop reading, you
        started reading, if you ignore, and type amen, type amen, say amen, kopiere das, kopier
        das, leite das weiter, schick das an, sende das an, teile das mit, copiez collez, copier
        coller, envoie ce message, envoyez ceci, partage ce message, copia y pega, envia esto a,
        manda esto a, reenvia este, copie e cole, envie para 10, repasse, copia e incolla, manda
        questo, invia questo, przeslij to, wyslij to do, skopiuj i, kopyalayip, bu mesaji,
        sebarkan, kirim ke 10, gui cho 10, разошли, перешли это, отправь это, отправьте это,
        скопируй, انشرها, ارسلها الى, 转发给, 转发此, pass this on to, pass it on to 10, in the
        next 24 hours you, years of bad luck, send this to 10, send to 10, 97 of you, or your
        mother will, will die tonight
        """,
    "praise": """
        nice blog, great blog, nice post, great post, good post, awesome post, informative post,
        informative article, informative blog, very informative, nice information, useful
        information, valuable information, for sharing, thanks for sharing, thank you for sharing,
        keep sharing, keep it up, nice article, amazing article, amazing blog, this blog, your
        blog, i really like your, also visit, also check, check here, read more here, more info,
        more information, more details, for more details, click for more, bookmark*, artigo
        maravilhoso, gran articulo, excelente articulo, tres bon article, super artikel
        """,
    "lure": """
        calling all, thrilled to announce, excited to announce, pleased to announce, webinar*,
        don t miss out, group discount, early bird, are you tired of, tired of the same, say
        goodbye to, limited seats, join our community, our customers, our clients, satisfaction
        guaranteed, new arrivals, surprise waiting, your lucky day,
        need a loan, fake documents,
        earn, earning*, from home, per day, per hour, per week, a day, a week, an hour, last
        month, invest, investing, investor*, investment*, profit*, loan*, casino*, betting,
        bitcoin*, crypto*, krypto*, cripto*, ethereum, followers, kredit*, в день, в неделю, на
        день, партнер*, бизнес*, доход*, прибыл*, инвест*, крипт*, ставки на, зарабат*, winner,
        winners, prize*, claim, claim your, award*, lottery, guaranteed, guarantee,
        congratulations, congrats, for free, free, bonus*, offer, offers, special announcement,
        urgent, cash, reward*, gewinn, gewinne, gewonnen, kostenlos*, gratis, gratuit*, premio*,
        regalo*, gratuito*, ganador*, garantiz*, garantis*, garantit*, приз, призы, гарант*,
        акци*, подарок, подарки, бесплатн*, discount*, promo*, cheap, cheapest, legit, hack,
        hacks, hacker, cheats, singles, sexy, vip, exclusive, premium, slots, slot, trader,
        trading, broker, deposit, wallet, zinsen, promosi, diskon, murah, indirim*, bonusu, khuyen
        mai, giam gia, mien phi, uy tin, aanbieding*, oferta*, promoc*, okazja, sconto, offerta,
        remise, offre speciale, vente, знижк*, безкоштовн*, مجاني, خصم, استثمار, ربح, تخفیف,
        رایگان, ऑफर, 投资, 优惠, 特价, 高收益, 赚钱, 投資, お得, 限定, 할인, 이벤트, โปรโมชั่น, work
        from home, working from home, work at home, extra cash, extra money, easy money, make
        money, making money, earn money, earned money, earning money, i earn, i earned, get rich,
        become rich, quit my job, quit your job, desde casa, von zu hause aus, ich verdiene,
        verdiene ich, j ai gagne, nebenjob, heimarbeit, gagner de l argent, zarabia*, chance to
        win, to win a, act now, darmow*, nagrod*, hadiah, 대출, 贷款, 彩票, 比特币, カジノ,
        카지노, قرض, قروض, लोन, कर्ज, मुफ्त, इनाम, казино, kasino*, 문의, доход* от, extra income,
        вакансия, limited stock, fast cash, quick money, homeoffice job*, on the laptop, jackpot,
        herpes, escort*, rolex*, louis vuitton, pujcka*, prestiti, prestamos*, emprestimo*,
        pozyczk*, pinjaman*, займ*, позик*, digital marketing, web design*, counterfeit*, фальш*,
        поддельн*, astrolog*, illuminati, voodoo, без опыта, investment opportunit*, investment
        compan*, low interest, bad credit, nfts, nft, в сутки, легально, без вложений, hourly,
        free stream*, free phone
        """,
    "action": """
        click*, click here, call, call now, txt, text, reply, sign up, signup, join, join us, join
        now, register*, registration, visit, order, order now, buy, buy now, shop now, download*,
        share this, please share, go to, send, apply, apply now, don t miss, hurry, contact, vote,
        help me, watch, donate*, listen to, start now, start today, get started, try it, see how,
        learn how, ask me how, find out, log on, grab, get yours, book now, install, comment
        below, here s how, reply to this, type, klick*, melde dich, jetzt, bestell*, besuch*,
        kaufen, hier klicken, hier anmelden, anmelden, cliquez, commandez, inscrivez vous,
        visitez, appelez, haz clic, visita, registrate, compra, llama, clique, acesse, compre,
        cadastre se, clicca, iscriviti, chiama, kliknij, zapisz sie, kup, zadzwon, tikla*, uye
        ol*, hemen, kayit ol*, klik, daftar, pesan sekarang, beli, bam vao, dang ky, mua ngay,
        klik hier, bestel, neem contact, accesati, sunati, inregistr*, klikni*, переход*, жми*,
        пиши, пишите, звони*, регистрир*, заказ*, закажи*, купи*, куплю, продам, продаю, узнай*,
        вступай*, присоедин*, обращай*, ссылк*, канал*, чат*, бот, бота, заходи*, звертай*,
        перейд*, напиши, напишіть, пишіть, продаж, اضغط, سجل, اطلب, اتصل, انضم, کلیک, ثبت نام,
        क्लिक, अभी, जुड़ें, 点击, 加入, 注册, 扫码, クリック, 登録, 클릭, 가입, คลิก, สมัคร
        """,
}
"""Sign -> the words that make it. A ``*`` stands for the rest of a word."""
