const fhirpath=require('fhirpath'), r4=require('fhirpath/fhir-context/r4'), fs=require('fs'), path=require('path');
const params=JSON.parse(fs.readFileSync(process.argv[2]));
const byType={}; for(const p of params){(byType[p.Base]=byType[p.Base]||[]).push(p);}
const dir=process.argv[3];
const files=fs.readdirSync(dir).filter(f=>f.endsWith('.json')&&f!=='package.json');
const cache={};
function compile(e){ if(!(e in cache)){ try{cache[e]=fhirpath.compile(e,r4);}catch(x){cache[e]=null;} } return cache[e]; }
function value(p,v){ // a FHIR search value for one element, or null
  const s=x=>x.replace(/[\\,|$]/g,c=>'\\'+c);
  if(v==null) return null;
  switch(p.Type){
  case 'reference':
    if(typeof v==='string') return s(v);
    if(v.reference&&/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+$/.test(v.reference)) return v.reference;
    return null;
  case 'token':
    if(typeof v==='boolean') return String(v);
    if(typeof v==='string') return s(v);
    if(v.coding) v=v.coding.find(c=>c.system&&c.code);
    if(!v) return null;
    if(v.system&&v.code) return s(v.system)+'|'+s(v.code);
    if(v.system&&v.value&&/:/.test(v.system)) return s(v.system)+'|'+s(v.value);
    if(v.value&&v.system) return s(v.value); // ContactPoint
    return null;
  case 'string':
    if(typeof v==='string') return v.length<80?s(v):null;
    if(v.family) return s(v.family); if(v.city) return s(v.city); if(v.text) return s(v.text); return null;
  case 'date':
    if(typeof v==='string') return p.Code==='activity-date'?null:v; // a scheduledString is no date
    if(v.asStr) return v.asStr;
    if(v.start) return 'ge'+v.start; return null;
  case 'uri': return typeof v==='string'?s(v):null;
  case 'number': return typeof v==='number'?String(v):null;
  case 'quantity': if(v.value!=null&&v.system&&v.code) return v.value+'|'+s(v.system)+'|'+s(v.code); return null;
  }
  return null;
}
const all=[];
for(const f of files){
  let r; try{r=JSON.parse(fs.readFileSync(path.join(dir,f)));}catch(e){continue;}
  if(!byType[r.resourceType]||r.resourceType==='Bundle'||!r.id) continue;
  delete r.text;
  const body=JSON.stringify(r); if(body.length>6000) continue;
  const rows=[];
  for(const p of byType[r.resourceType]){
    if(!p.Expression||p.Type==='composite'||p.Type==='special') continue;
    let e=p.Expression.split('|').map(x=>x.trim()).filter(x=>x.startsWith(r.resourceType+'.')||x.startsWith('('+r.resourceType+'.')).join(' | ')||p.Expression;
    let target=null; const m=/\.where\(resolve\(\) is ([A-Za-z]+)\)/.exec(e); if(m){target=m[1]; e=e.replace(m[0],'');}
    const fn=compile(e); if(!fn) continue;
    let out; try{out=fn(r);}catch(x){continue;}
    const before=out.length; if(target) out=out.filter(v=>v.reference&&v.reference.startsWith(target+'/'));
    if(out.length===0&&before>0) continue; // a reference whose type its text does not tell
    if(out.length===0){ rows.push([r.resourceType,p.Code,'missing','true']); continue; }
    let got=false;
    for(const v of out){ const q=value(p,v); if(q!==null&&q!==''){ rows.push([r.resourceType,p.Code,'',q]); got=true; break; } }
    if(!got&&p.Type!=='reference'&&p.Type!=='date') rows.push([r.resourceType,p.Code,'missing','false']);
  }
  if(rows.length) all.push({f,body,rows,size:body.length});
}
// greedy: examples that add (type, code) pairs with a value, cheapest first
const need=new Set(); const chosen=[];
const gain=x=>x.rows.filter(r=>r[2]===''&&!need.has(r[0]+'.'+r[1])).length;
let total=0;
while(total<260000){
  let best=null,score=0;
  for(const x of all){ if(x.used) continue; const g=gain(x); if(g/ x.size>score){score=g/x.size;best=x;} }
  if(!best) break;
  best.used=true; chosen.push(best); total+=best.size; for(const r of best.rows) if(r[2]==='') need.add(r[0]+'.'+r[1]);
}
chosen.sort((a,b)=>a.f<b.f?-1:1);
fs.writeFileSync('examples.ndjson',chosen.map(x=>x.body).join('\n')+'\n');
const lines=[]; for(const x of chosen){ const r=JSON.parse(x.body); let miss=0; for(const q of x.rows){ if(q[2]==='missing'&&q[3]==='true'&&++miss>3) continue; lines.push([r.resourceType+'/'+r.id,q[1]+(q[2]?':'+q[2]:''),q[3]].join('\t')); } }
fs.writeFileSync('values.tsv',lines.join('\n')+'\n');
console.log(all.length,'examples',chosen.length,'chosen',total,'bytes',lines.length,'rows',need.size,'parameters with a value');
